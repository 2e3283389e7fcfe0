//! The codes of the checker, each with what `explain` says about it; `example.rs` says how a new one gets its example.

use super::diagnostic::Code;
use super::example::Example;

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeInfo {
    /// The code.
    pub code: Code,
    /// A few words.
    pub title: &'static str,
    /// One paragraph: what it means, why it matters, what to do.
    pub text: &'static str,
    /// The text form of its example.
    pub(crate) example: &'static str,
}

impl CodeInfo {
    /// What the problem looks like, and its correction.
    pub fn example(&self) -> Example {
        Example::parse(self.example)
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $text:literal;)*) => {
        $(pub(crate) const $name: Code = Code($code);)*

        const TABLE: &[CodeInfo] = &[$(CodeInfo {
            code: $name,
            title: $title,
            text: $text,
            example: include_str!(concat!("example/", $code, ".txt")),
        }),*];
    };
}

codes! {
    NAME_WITHOUT_LETTERS = "BL0201", "a name without letters or digits",
        "Sections and steps are addressed by their names in small letters, digits and hyphens \
         (`analysis.judge/3`), so a name needs at least one letter or digit.";
    DUPLICATE_SECTION = "BL0202", "two sections with one name",
        "Section names are unique, compared by their addresses: `Intro` and `intro!` are the same. `inputs` is taken \
         by the section that holds the run inputs.";
    DUPLICATE_STEP = "BL0203", "two steps with one name",
        "Step names are unique within their section, compared by their addresses: `Write Draft` and `write-draft` are \
         the same.";
    ATTRIBUTE_NAME = "BL0204", "not an attribute name",
        "An attribute is also a template variable: a letter or `_`, then letters, digits and `_`. `branch`, `this`, \
         `true`, `false`, `null`, `as` and `else` have a meaning of their own in templates.";
    ITEM_IS_WRITTEN = "BL0205", "an item that a step writes",
        "`for_each: x in xs` makes `x` an attribute of its own, which is bound to one element in each branch. No step \
         may write it, and it is no run input.";
    DUPLICATE_OUTPUT = "BL0206", "an output named twice", "A step writes each of its outputs once.";
    DUPLICATE_INPUT = "BL0207", "an input named twice",
        "`inputs` and `gather` of a step give names to what its prompt reads, so each name stands once.";
    ITEM_TYPES_DIFFER = "BL0208", "one item name for elements of two types",
        "Several fan-outs may use the same item name when their elements have the same type.";
    TEMPLATE_SYNTAX = "BL0210", "a template that cannot be read",
        "Prompts are Handlebars templates: `{{name}}`, `{{#if x}}…{{/if}}`, `{{#each xs}}…{{/each}}`. Write `\\{{` for \
         braces that are text.";
    TEMPLATE_TOO_LARGE = "BL0211", "a template that is too large",
        "Size and nesting of templates are bounded, so that no definition can bring the program down.";
    UNKNOWN_HELPER = "BL0212", "an unknown helper",
        "A name with arguments, such as `{{join tags}}`, is a helper. There is a fixed set of them.";
    UNKNOWN_PARTIAL = "BL0213", "an unknown partial",
        "`{{> name}}` includes a text from `partials`.";
    PARTIAL_CYCLE = "BL0214", "partials that include each other",
        "A partial may not include itself, directly or through others: rendering it would never end.";
    HELPER_USE = "BL0215", "a helper used wrongly",
        "Each helper takes a certain number of arguments, `truncate` a number and `each` a list, and some only stand around a block.";
    TEMPLATE_UNSUPPORTED = "BL0216", "not part of the template language",
        "Some things Handlebars can do cannot be checked before the run and are left out.";
    CONDITION_SYNTAX = "BL0217", "a condition that cannot be read",
        "`when`, `where`, `until` and `assert` are CEL expressions that give true or false.";
    CONDITION_TYPE = "BL0218", "a condition that does not fit its types",
        "Conditions are checked against the types of what they read, so that they never fail in the middle of a run.";
    CONDITION_UNGUARDED = "BL0219", "a condition over a value that may be absent",
        "Whether an optional value is there has to be asked first: `has(x) && x > 3`.";
    UNKNOWN_ATTRIBUTE = "BL0220", "an unknown attribute",
        "A prompt reads attributes of the workflow, inputs declared by its step and lists it gathers. An attribute exists \
         when it is declared under `attributes` or a step writes it.";
    READ_BEFORE_WRITTEN = "BL0221", "a value read before anything wrote it",
        "A step reads what the nearest step before it wrote, in the order of the file. A value that only later steps \
         write can be given at the start when its attribute is marked `input: true`. The item of a `for_each` is there \
         from its step on, until its section ends. What an earlier turn of a `repeat` or, with `carry`, an earlier branch \
         wrote is read as well; the first one has none, so such an attribute is `optional: true`.";
    UNKNOWN_OUTPUT = "BL0222", "an unknown workflow output",
        "`outputs` of a workflow names attributes that are the result of a run.";
    UNKNOWN_STEP = "BL0223", "an unknown step",
        "`after` names steps that stand before this one: a step of its section, or `Section.Step`.";
    UNKNOWN_TYPE = "BL0230", "an unknown type",
        "A type is `string`, `integer`, `number`, `boolean`, `object`, `file`, a name from `types`, or a list of \
         these written with `[]`.";
    DEFAULT_TYPE = "BL0231", "a default that does not fit its type",
        "A default is a value of the attribute's type, so it has to pass the same checks.";
    LIST_AS_ITEM = "BL0232", "a list used as one item",
        "A field belongs to one item. Go through the list with `{{#each}}`, or run a step per item with `for_each`.";
    ITEM_AS_LIST = "BL0233", "a single value used as a list",
        "`for_each`, `{{#each}}` and `choose` take lists.";
    UNKNOWN_FIELD = "BL0234", "an unknown field",
        "The type of the value has no such field, so the prompt could never be rendered.";
    OUTPUT_TYPE = "BL0235", "an output of the wrong type",
        "What the action gives cannot be kept in the attribute it is to be written to.";
    INVALID_SCHEMA = "BL0236", "a schema that is not valid",
        "Types are JSON Schemas; this one cannot be used to check a value.";
    NO_VALUE_FITS = "BL0237", "a type that no value fits",
        "Every value would be refused: a lower bound above its upper one, an `enum` without values or with one that the \
         keywords beside it refuse, a required field that is not allowed. Models and people would try in vain.";
    OUTSIDE_BRANCHES = "BL0240", "a branched value read outside its branches",
        "A value written in the branches of a `for_each` exists once per branch. Branches end with their section. To \
         go on with all of them, gather them into a list; to go on with one, let somebody choose.";
    INDEPENDENT_FAN_OUTS = "BL0241", "two independent fan-outs read by one step",
        "A step lives in the branches of what it reads. Values from two fan-outs that do not lie inside each other \
         have no common branch, and pairing all with all is never done in silence.";
    NOT_BRANCHED = "BL0242", "a gather of something that has no branches",
        "`gather` makes a list of the values of all branches. This value is written outside of any.";
    GATHER_LEVELS = "BL0243", "gathered values of different branches",
        "The attributes of one gather become one object per branch, so they have to be written in the same branches, or in \
         branches around them.";
    PARALLEL_ALONE = "BL0244", "a key about branches without `for_each`",
        "`parallel`, `where`, `carry`, `at_least` and `label` say something about the branches of a fan-out.";
    TOO_MANY_LEVELS = "BL0245", "branches nested too deeply",
        "Fan-outs inside fan-outs multiply; the depth is bounded.";
    CARRY_USE = "BL0246", "a `carry` that cannot work",
        "`carry` lets a branch read what the branch before it wrote, so a step of the branch has to write it, and not in \
         branches within. Turns of a `repeat` do that already.";
    LABEL_USE = "BL0247", "a label that reads more than its element",
        "A label names a branch for people when the branches are made, so all it knows is the element.";
    CANDIDATES = "BL0248", "variants or samples that cannot be tried",
        "`variants` and `samples` repeat one model call in several ways; each variant needs a name of its own.";
    UNKNOWN_ACTION = "BL0250", "an unknown action",
        "A step's `action` is built in or registered by the program that runs the workflow.";
    NO_PROMPT = "BL0251", "a step without a prompt",
        "`prompt` and `template` steps render a text; without one there is nothing to do.";
    EMPTY_PROMPT = "BL0252", "an empty prompt", "An empty prompt is never sent to a model.";
    PROMPT_NOT_USED = "BL0253", "a prompt on an action that has none",
        "`input`, `choose` and `gather` steps render nothing. What people are asked is the step's description.";
    OUTPUT_COUNT = "BL0254", "too few or too many outputs",
        "`template`, `gather` and `choose` give exactly one value, `input` at least one.";
    GATHER_COUNT = "BL0255", "`gather` without exactly one list",
        "A step with the action `gather` writes one gathered list, so it names one.";
    CHOOSE_WITHOUT_FROM = "BL0260", "`choose` without `from`",
        "A choice needs something to choose from: a list, or a value that exists in several branches.";
    CHOICE_BOUNDS = "BL0261", "`min` and `max` that cannot be met",
        "`min` and `max` bound how many options are picked when the output is a list; a single output takes exactly \
         one.";
    CHOICE_DEFAULT = "BL0262", "a default that cannot be taken",
        "The default of a `choose` is a number, or a list of numbers, counting options from 1; that of an `input` is a \
         value of its output.";
    CHOICE_NOT_USED = "BL0263", "a question on an action that asks nobody",
        "`from`, `show`, `min`, `max`, `own_text` and `default` belong to steps in which a person answers.";
    SELECT_WITHOUT_FROM = "BL0264", "a `select` that does not say what",
        "`select: { from: draft, by: verdict.score }` takes the best option by its score.";
    SELECT_SCORE = "BL0265", "a score that cannot be compared",
        "The score of a `select` is a number in the same branches as the options (or a field of them); `order: first` takes \
         the first option whose score is true.";
    UNKNOWN_MODEL = "BL0270", "an unknown model",
        "A model is an alias from branchline.toml, `provider/model`, or `mock`.";
    RETRY_BOUNDS = "BL0271", "a bound that cannot be met",
        "Attempts, time limits and parallel calls are at least 1 and have a largest value.";
    TOO_LARGE = "BL0280", "a workflow that is too large", "Sizes of definitions are bounded.";
    NO_STEPS = "BL0281", "a workflow without steps", "There is nothing to run.";
    NEVER_USED = "BL0301", "an attribute that nothing uses",
        "The attribute is declared, and no step reads or writes it. Often its name is written differently elsewhere.";
    OPTIONAL_UNGUARDED = "BL0302", "an optional value used as if it were there",
        "A missing optional value renders as nothing, which can leave half a sentence in the prompt. Put it in \
         `{{#if x}}…{{/if}}` or give another text with `{{default x \"…\"}}`.";
    GATHER_UNUSED = "BL0303", "a gathered list that the prompt does not use",
        "The list is gathered for the prompt, and the prompt never mentions it.";
    INPUT_UNUSED = "BL0304", "a declared input that the prompt does not use",
        "The input is only shown to people: it never blocks or orders the step.";
    SIMILAR_NAMES = "BL0305", "two names that differ by one letter",
        "One is written and never read, the other is read. Probably one of them is a typing mistake. Names of at least \
         four letters are compared; a number in them makes a difference, and so does a plural.";
    BECOMES_INPUT = "BL0306", "an empty prompt that becomes a question",
        "A step with inputs and outputs and no prompt asks a person for its outputs. Write `action: input` to say so.";
    ONLY_WRITER_DISABLED = "BL0307", "the only writer is switched off",
        "Every step that writes this value is disabled, so it is asked for when a run starts.";
    MAY_BE_SKIPPED = "BL0308", "a step that may be skipped",
        "The step needs a value that may be missing; then it is skipped, and so is what needs its results.";
    NO_MODEL = "BL0309", "a step without a model",
        "A `prompt` step calls the model it names, else the one of its workflow. With neither it fails, unless the run \
         is given a model (`run --model`, `run --rehearse`).";
    UNKNOWN_FORMAT = "BL0310", "a format that nothing checks",
        "`format` takes the names of JSON Schema, such as `date`, `email` or `uri`. Any other name is a remark, and any \
         text passes.";
    PROMPT_OVER_CONTEXT = "BL0311", "a prompt that is likely over the model's context",
        "A model reads so many tokens and no more, and refuses a longer prompt. How many it reads is said in `[context]` \
         of branchline.toml; a text has a token for every three to five bytes. `branchline plan` counts the values too.";
    UNREAD_OUTPUT = "BL0312", "an output that nothing reads",
        "No later step, condition or workflow output uses the value: it is paid for and kept, and changes nothing.";
    OVERWRITTEN_UNREAD = "BL0313", "a value overwritten before anything reads it",
        "Two steps write the attribute and nothing between them reads it, so which of the two counts depends on the order \
         of the file alone.";
}

/// Every code of the checker, in order.
pub fn codes() -> &'static [CodeInfo] {
    TABLE
}
