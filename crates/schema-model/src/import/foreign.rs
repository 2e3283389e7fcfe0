//! What a file of another program says, whatever its form.

/// A workflow as its file says it: nothing is judged yet.
#[derive(Debug, Clone, Default)]
pub(super) struct ForeignWorkflow {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) sections: Vec<ForeignSection>,
    pub(super) attributes: Vec<ForeignAttribute>,
    pub(super) prompts: Vec<ForeignPrompt>,
    /// The model every step names as a copy of the setting.
    pub(super) default_model: String,
    /// What has no place in a definition, a line each.
    pub(super) notes: Vec<String>,
    /// Whether prompts are Handlebars templates already.
    pub(super) has_templates: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ForeignSection {
    /// What runs call it; empty in forms without ids.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) order: Option<i64>,
    pub(super) steps: Vec<ForeignStep>,
    pub(super) notes: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ForeignStep {
    /// What runs call it; empty in forms without ids.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) order: Option<i64>,
    /// A text, the name of a prompt, or empty.
    pub(super) prompt: String,
    /// The file the prompt was read from.
    pub(super) prompt_file: Option<String>,
    pub(super) inputs: Vec<ForeignPort>,
    pub(super) outputs: Vec<ForeignPort>,
    pub(super) notes: Vec<String>,
}

/// An attribute a step reads or writes.
#[derive(Debug, Clone, Default)]
pub(super) struct ForeignPort {
    pub(super) attribute: ForeignAttribute,
    /// What the prompt calls it, when it is not the name of the attribute.
    pub(super) alias: Option<String>,
    /// `false` when the file says that the step runs without it.
    pub(super) is_optional: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ForeignAttribute {
    /// What runs call it; empty in forms without ids.
    pub(super) id: String,
    pub(super) name: String,
    /// Empty when the file does not say.
    pub(super) type_name: String,
    pub(super) is_array: bool,
    pub(super) description: String,
    pub(super) notes: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ForeignPrompt {
    pub(super) name: String,
    pub(super) content: String,
    pub(super) notes: Vec<String>,
}
