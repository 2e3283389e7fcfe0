use expect_test::expect;

use super::files;
use super::reading::ARTICLE;
use crate::definition::document::read;

#[test]
fn files_are_written_in_the_short_forms() {
    let outline = "---\nabout: Makes the outline\nmodel: strong\n---\nOutline of {{transcript}}\n";
    let files = files([
        ("workflow.yaml", ARTICLE),
        ("prompts/outline.md", outline),
        ("prompts/_house-style.md", "Be short."),
    ]);
    let workflow = read(&files, "workflow.yaml").workflow.unwrap();
    let written = workflow.to_files();
    assert_eq!(written["prompts/outline.md"], "Outline of {{transcript}}\n");
    assert_eq!(written["prompts/_house-style.md"], "Be short.");
    assert_eq!(written["prompts/analysis-verdicts.md"], "{{json rows}}\n\nDone.\n");
    expect![[r#"
        name: transcript-to-article
        description: A video transcript becomes an article.
        model: fast
        temperature: 0.3

        types:
          Verdict: { reason: string, score: { type: integer, maximum: 10, minimum: 1 } }

        attributes:
          intro_variations: string[]
          mood: { enum: [calm, bold], default: calm }
          scores: { type: array, maxItems: 3, items: { type: integer, minimum: 1 } }
          transcript: { input: true, description: Plain text of the talk }
          verdict: Verdict
        outputs: [final_draft]

        sections:
          - name: Analysis
            steps:
              - name: Generate Outline
                description: Makes the outline
                model: strong
                retry: { attempts: 4, delay: 2s }
                timeout: 90s
                prompt_file: prompts/outline.md
                outputs: [outline]
              - name: Update Draft
                for_each: intro_variation in intro_variations
                parallel: 8
                inputs: { first_draft: draft, notes: notes? }
                prompt: Replace the opening of {{first_draft}} by {{intro_variation}}.
                outputs: [second_draft]
              - name: Verdicts
                action: template
                gather: { rows: [second_draft, verdict] }
                prompt_file: prompts/analysis-verdicts.md
                outputs: [verdicts]
              - name: Pick the Draft
                action: choose
                from: second_draft
                show: [verdict]
                min: 1
                own_text: false
                default: [1]
                outputs: [final_draft]
    "#]]
    .assert_eq(&written["workflow.yaml"]);
    assert_eq!(read(&written, "workflow.yaml").workflow.unwrap().content_hash(), workflow.content_hash());
}
