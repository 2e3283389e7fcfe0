//! What is run and killed: each asks a question of its own in every call.

/// A workflow, and what its run leaves behind however often it was killed.
pub(crate) struct Scenario {
    pub(crate) workflow: &'static str,
    /// Items of every list the model gives.
    pub(crate) list_length: usize,
    pub(crate) calls: usize,
    /// Step runs without a call: the inputs, and what the engine does by itself.
    pub(crate) other_step_runs: usize,
    /// Kills that have to hit calls in flight, or little was tested: what runs in a row often waits for nobody.
    pub(crate) hits_min: usize,
    /// Values beside the answers: the input, and the elements of lists.
    pub(crate) other_values: usize,
}

/// Three steps in a row, two per branch, one after the gather.
pub(crate) const BRANCHES: Scenario = Scenario {
    workflow: r#"
name: article
model: fast
attributes:
  talk: { input: true }
  openings: string[]
sections:
  - name: Draft
    steps:
      - { name: Outline, prompt: "Outline {{talk}}", outputs: [outline] }
      - { name: Draft, prompt: "Draft from {{outline}}", outputs: [draft] }
      - { name: Openings, prompt: "Openings for {{draft}}", outputs: [openings] }
      - name: Rewrite
        for_each: opening in openings
        prompt: "Open {{draft}} with {{opening}}"
        outputs: [version]
      - { name: Review, prompt: "Review {{version}}", outputs: [review] }
      - { name: Summary, gather: [review], prompt: "Sum up {{review}}", outputs: [summary] }
"#,
    list_length: 8,
    calls: 3 + 2 * 8 + 1,
    other_step_runs: 1,
    hits_min: 15,
    other_values: 1 + 8,
};

/// Three turns, known only as they go, with a fan-out of three and its join in each.
pub(crate) const TURNS: Scenario = Scenario {
    workflow: r#"
name: turns
model: fast
attributes:
  talk: { input: true }
  points: string[]
  draft: { optional: true }
outputs: [end]
sections:
  - name: Improve
    repeat: { until: "has(draft) && draft.contains('>>>')", max: 9 }
    steps:
      - { name: Write, prompt: "{{talk}}{{#if draft}} after {{draft}}{{/if}}", outputs: [draft] }
      - { name: Points, prompt: "Points of {{draft}}", outputs: [points] }
      - { name: Note, for_each: point in points, prompt: "Note {{point}} of {{draft}}", outputs: [note] }
      - { name: Sum Up, gather: [note], prompt: "Sum up {{note}}", outputs: [sum] }
  - name: End
    steps:
      - { name: End, prompt: "End {{draft}} with {{sum}}", outputs: [end] }
"#,
    list_length: 3,
    calls: 3 * (1 + 1 + 3 + 1) + 1,
    // One `until` per turn.
    other_step_runs: 1 + 3,
    hits_min: 10,
    other_values: 1 + 3 * 3,
};

/// A section for each of three parts, two turns in each, and a fan-out in each of those.
pub(crate) const NESTED: Scenario = Scenario {
    workflow: r#"
name: nested
model: fast
attributes:
  talk: { input: true }
  parts: string[]
  points: string[]
  draft: { optional: true }
outputs: [end]
sections:
  - name: Plan
    steps:
      - { name: Split, prompt: "Parts of {{talk}}", outputs: [parts] }
  - name: Write
    for_each: part in parts
    repeat: { until: "has(draft) && draft.contains('>>')", max: 9 }
    steps:
      - { name: Write, prompt: "{{part}}{{#if draft}} after {{draft}}{{/if}}", outputs: [draft] }
      - { name: Points, prompt: "Points of {{draft}}", outputs: [points] }
      - { name: Note, for_each: point in points, prompt: "Note {{point}} of {{draft}}", outputs: [note] }
      - { name: Check, prompt: "Check {{note}}", outputs: [check] }
  - name: End
    steps:
      - { name: End, gather: [draft, check], prompt: "End {{draft}} with {{check}}", outputs: [end] }
"#,
    list_length: 3,
    calls: 1 + 3 * 2 * (1 + 1 + 2 * 3) + 1,
    // One `each` per part and one `until` per turn.
    other_step_runs: 1 + 3 + 3 * 2,
    hits_min: 10,
    other_values: 1 + 3 + 3 * 2 * 3,
};
