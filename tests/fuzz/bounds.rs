//! Small files that mean a great deal, and large ones: each is taken or refused by a process of bounded memory, with a
//! stack as small as those of the server.

use crate::{fuzz, text};

fn goes_through(target: &str, what: &str, input: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("input");
    std::fs::write(&file, input).unwrap();
    let tried = fuzz(folder.path(), &[target, "--input", file.to_str().unwrap()]);
    assert!(tried.status.success(), "{target}, {what}: {}", text(&tried.stderr));
}

#[test]
fn a_file_that_means_a_billion_others_fits() {
    let lines = (1..12).map(|level| {
        let items = format!("*a{}, ", level - 1).repeat(10);
        format!("a{level}: &a{level} [{items}]\n")
    });
    let bomb = format!("name: bomb\na0: &a0 [x, x, x]\n{}", lines.collect::<Vec<_>>().concat());
    goes_through("yaml", "aliases", &bomb);
    goes_through("import", "aliases", &bomb.replace("name: bomb", ":name: bomb\n:sections: *a11"));
    goes_through("yaml", "merge keys", &bomb.replace('[', "{ <<: [").replace("]\n", "] }\n"));
    let partials = (2..40).map(|next| format!("\n%%\n{{{{> p{next}}}}}{{{{> p{next}}}}}"));
    let partials = partials.collect::<Vec<_>>().concat();
    goes_through("template", "partials that double", &format!("{{{{> p1}}}}{partials}"));
}

#[test]
fn deep_nesting_fits() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("[[", ""), ("!a [", "]")] {
        goes_through("yaml", open, &deep(open, close));
        goes_through("yaml", open, &format!("name: n\nsections: {}", deep(open, close)));
    }
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[", ""), ("[{\"a\":", "")] {
        goes_through("json", open, &deep(open, close));
        goes_through("answer", open, &deep(open, close));
        goes_through("import", open, &format!("{{\"name\": \"n\", \"sections\": {}}}", deep(open, close)));
    }
    for (open, close) in
        [("(", ")"), ("!", ""), ("-", ""), ("[", "]"), ("has(", ")"), ("a ? b : ", ""), ("a.", "")]
    {
        goes_through("condition", open, &format!("{}a{}", open.repeat(100_000), close.repeat(100_000)));
    }
    for (open, close) in [
        ("{{#if x}}", "{{/if}}"),
        ("{{#each x}}", ""),
        ("{{#if x}}{{else}}", "{{/if}}"),
        ("{{else if x}}", ""),
        ("{{", "}}"),
        ("(", ")"),
    ] {
        let few = |text: String| text.chars().take(250_000).collect::<String>();
        goes_through("template", open, &few(deep(open, close)));
        goes_through("template", open, &few(format!("{{{{#if x}}}}{}", deep(open, close))));
        goes_through("template", open, &few(format!("{{{{upper {}", deep(open, close))));
    }
}

#[test]
fn giant_strings_fit() {
    let giant = |piece: &str, bytes: usize| piece.repeat(bytes / piece.len());
    for piece in ["x", "é", "\n", "a: b\n"] {
        goes_through("yaml", piece, &format!("name: \"{}\"\nsections: []\n", giant(piece, 1_000_000)));
        goes_through("yaml", piece, &giant(piece, 1_000_000));
    }
    for piece in ["x", "\\u00e9"] {
        goes_through("json", piece, &format!("{{\"name\": \"{}\"}}", giant(piece, 1_000_000)));
        goes_through("answer", piece, &format!("{{\"verdict\": \"{}", giant(piece, 1_000_000)));
        goes_through("condition", piece, &format!("title == \"{}\"", giant(piece, 1_000_000)));
        goes_through("import", piece, &format!("{{\":name\": \"{}\"}}", giant(piece, 1_000_000)));
    }
    for piece in ["\\", "{", "{{", "\\\"", "é"] {
        goes_through("template", piece, &giant(piece, 250_000));
        goes_through("template", piece, &format!("{{{{upper \"{}\"}}}}", giant(piece, 250_000)));
    }
}
