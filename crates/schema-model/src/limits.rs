//! Every bound of the system, once, each with its reason.

/// A workflow file: the largest real definition seen is 29 KB, a hostile one must not fill memory.
pub const DEFINITION_BYTES_MAX: usize = 1024 * 1024;

/// Nesting of a definition document: real ones stay below 8.
pub const DEFINITION_DEPTH_MAX: usize = 64;

/// Nodes of a definition document, far above 1,000 steps with 5,000 attributes.
pub const DEFINITION_NODES_MAX: usize = 200_000;

/// Levels of a type once the names in it are written out: it stands two levels down in a document that is read again.
pub const TYPE_DEPTH_MAX: usize = DEFINITION_DEPTH_MAX - 2;

/// Levels of a schema that refers to its own parts, with those of each part it refers to: what compiles it follows
/// references by recursion, and overflows a stack of 2 MB at twice as many in a build without optimisation.
pub const SCHEMA_LEVELS_MAX: usize = 160;

/// Those levels times the levels of a value that is checked: each level of the value may go through all of them. Half
/// of what overflows the same stack.
pub const SCHEMA_LEVELS_TIMES_VALUE_MAX: usize = 1_600;

/// One prompt text: some model contexts hold a few hundred kilobytes, templates are prose and much smaller.
pub const PROMPT_TEMPLATE_BYTES_MAX: usize = 256 * 1024;

/// Nesting of blocks and subexpressions in a template, and of blocks and partials in a prompt: the Handlebars parser is
/// recursive, about 5,000 levels overflow its stack, and so is everything that walks what it read.
pub const PROMPT_NESTING_MAX: usize = 64;

/// Backslashes in a row in a template: the Handlebars parser looks at all that follow from each of them, so their
/// square counts. Real templates have one or two.
pub const PROMPT_BACKSLASHES_MAX: usize = 256;

/// Tags of a template times its bytes: the Handlebars parser counts the lines from the beginning for each of them. The
/// largest template may have 768, one of 16 KB as many as fit.
pub const PROMPT_TAGS_TIMES_BYTES_MAX: usize = 768 * PROMPT_TEMPLATE_BYTES_MAX;

/// Elements (texts and tags) of a template with all its partials expanded: partials that include each other twice
/// over grow by powers of two.
pub const PROMPT_EXPANSION_MAX: usize = 100_000;

/// Templates kept compiled: the steps of a few large workflows.
pub const PROMPT_CACHE_TEMPLATES_MAX: usize = 4_096;

/// A rendered prompt: providers cap requests at 32 MB and less.
pub const RENDERED_PROMPT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// One condition: real ones are a line, a long list of allowed words is some hundred bytes.
pub const CONDITION_BYTES_MAX: usize = 8 * 1024;

/// Expressions that stand inside each other in a condition, by parentheses or otherwise: its parser is recursive, and
/// a level takes less than 8 KB of stack in a build without optimisation.
pub const CONDITION_NESTING_MAX: usize = 32;

/// Levels of the tree of a condition: a sum of many terms is deep without nesting, and what walks it is recursive.
pub const CONDITION_DEPTH_MAX: usize = 64;

/// Work one evaluation of a condition may be, about one expression or 64 bytes of text each: half a second, also with
/// a regular expression made for it. A list as large as a value may be can be gone through once; macros
/// inside macros are a product of lengths.
pub const CONDITION_WORK_MAX: u64 = 10_000_000;

/// Conditions kept as they were read: those of a few large workflows, some kilobytes each.
pub const CONDITIONS_KEPT_MAX: usize = 4_096;

/// A regular expression of a condition, and the memory it may take once it is compiled: `(a{100}){100}` is short.
pub const CONDITION_PATTERN_BYTES_MAX: usize = 1_024;

/// See [`CONDITION_PATTERN_BYTES_MAX`]; `\d{4}-\d{2}` takes some kilobytes, `\w+@\w+` some tens of them.
pub const CONDITION_PATTERN_COMPILED_BYTES_MAX: usize = 256 * 1024;

/// One attribute value: larger things are files and the value is their path.
pub const VALUE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Compiled JSON Schemas kept for checking values: more than the types of the workflows that run at one time, and
/// little memory.
pub const COMPILED_SCHEMAS_MAX: usize = 1_024;

/// One answer of a model provider, headers and stream framing included.
pub const PROVIDER_RESPONSE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Branches of one fan-out; a longer list is nearly always a mistake and each branch is a paid call.
pub const BRANCHES_MAX: usize = 10_000;

/// Step runs of one run: the longest list through 25 steps. The process that owns a run keeps all of them in memory, about
/// a kilobyte each, and fan-outs inside fan-outs are a product of lengths.
pub const STEP_RUNS_MAX: u64 = 250_000;

/// Nested branch levels: a section's `for_each`, a step's, then candidates.
pub const BRANCH_LEVELS_MAX: usize = 8;

/// Sections of a workflow.
pub const SECTIONS_MAX: usize = 200;

/// Steps of a workflow.
pub const STEPS_MAX: usize = 2_000;

/// Attributes of a workflow.
pub const ATTRIBUTES_MAX: usize = 10_000;

/// Characters of a name (workflow, section, step, attribute).
pub const NAME_CHARS_MAX: usize = 200;

/// Tries of one step run when nothing is said: the first and two more.
pub const ATTEMPTS_DEFAULT: u32 = 3;

/// Tries of one step run at the most.
pub const ATTEMPTS_MAX: u32 = 20;

/// Times a step run may be taken up again after its process died, then it fails as poison.
pub const RECOVERIES_MAX: u32 = 3;

/// Model calls in flight per run when nothing is said: kind to laptops and to provider limits.
pub const PARALLEL_CALLS_DEFAULT: u32 = 16;

/// Model calls in flight per run at the most.
pub const PARALLEL_CALLS_MAX: u32 = 10_000;

/// Attempts per run under way at one time that make no call and so take no slot: as many as are committed together. More
/// would hold the texts they read in memory and end no sooner.
pub const SLOTLESS_ATTEMPTS_MAX: usize = 256;

/// One attempt of a model call when the step says nothing, in milliseconds.
pub const STEP_TIMEOUT_MS_DEFAULT: u64 = 600_000;

/// Times an answer that does not fit its type is asked for again, with the errors.
pub const REPAIRS_DEFAULT: u32 = 2;

/// Rows of one page of any list.
pub const PAGE_ROWS_MAX: usize = 1_000;

/// Characters of a value shown in lists; the whole is fetched by id.
pub const PREVIEW_CHARS_MAX: usize = 240;

/// One message to a run (an answer, a cancel): a person's text, so as large as a value.
pub const RUN_MESSAGE_BYTES_MAX: usize = VALUE_BYTES_MAX;

/// All prompt texts and partials of a workflow together: the sum of what one file may hold, many times over, so that
/// steps that share a large file cannot multiply it without end.
pub const PROMPT_TEXTS_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Problems reported about one workflow: nobody reads more, and a hostile file could have one per character.
pub const DIAGNOSTICS_MAX: usize = 200;

/// Characters of a source line shown with a problem; a document on one line is shown without its line.
pub const SOURCE_LINE_CHARS_MAX: usize = 1_000;

/// Variants times samples of one step: each is a paid call, and a person compares them.
pub const CANDIDATES_MAX: u32 = 100;

/// Characters of the label of a branch: what a list of branches has room for.
pub const LABEL_CHARS_MAX: usize = 120;

/// Turns of a `repeat`: each is a round of paid calls that reads what the one before it wrote.
pub const TURNS_MAX: u32 = 1_000;

/// Entries of the report of an import: a large real file has about a hundred, a hostile one could have one per value.
pub const IMPORT_FINDINGS_MAX: usize = 2_000;

/// The file of a run to import: a long real run has some hundred kilobytes, and all of it is held in memory.
pub const IMPORT_RUN_BYTES_MAX: usize = 64 * 1024 * 1024;
