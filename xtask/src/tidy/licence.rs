//! Under which terms the code of others may come in, and from where.

use anyhow::{Result, bail};
use serde_json::Value as Json;

/// Permissive licences, none of which asks more than its notice.
const ALLOWED: [&str; 12] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Problems of the packages that are not our own.
pub(super) fn check(metadata: &Json) -> Vec<String> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    packages.iter().filter_map(check_package).collect()
}

fn check_package(package: &Json) -> Option<String> {
    let source = package["source"].as_str()?;
    let name = format!("`{} {}`", package["name"].as_str()?, package["version"].as_str()?);
    if source != REGISTRY {
        return Some(format!("{name} must come from the public registry, not from `{source}`"));
    }
    let Some(terms) = package["license"].as_str() else {
        return Some(format!("{name} names no licence"));
    };
    match is_allowed(terms) {
        Ok(true) => None,
        Ok(false) => Some(format!("{name} is under `{terms}`, which is not allowed")),
        Err(error) => Some(format!("{name}: {error}")),
    }
}

/// Whether a licence expression (SPDX, or the older form with `/` for `OR`) can be met with allowed licences alone.
fn is_allowed(expression: &str) -> Result<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words };
    let allowed = parser.any()?;
    if !parser.words.is_empty() {
        bail!("cannot read the licence `{expression}`");
    }
    Ok(allowed)
}

/// Recursive descent over the words; `AND` binds tighter than `OR`.
struct Parser<'a> {
    words: &'a [&'a str],
}

impl Parser<'_> {
    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if first.eq_ignore_ascii_case(word) => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    fn any(&mut self) -> Result<bool> {
        let mut allowed = self.all()?;
        while self.take("OR") {
            allowed |= self.all()?;
        }
        Ok(allowed)
    }

    fn all(&mut self) -> Result<bool> {
        let mut allowed = self.one()?;
        while self.take("AND") {
            allowed &= self.one()?;
        }
        Ok(allowed)
    }

    fn one(&mut self) -> Result<bool> {
        if self.take("(") {
            let allowed = self.any()?;
            if !self.take(")") {
                bail!("a bracket of the licence is not closed");
            }
            return Ok(allowed);
        }
        let Some((name, rest)) = self.words.split_first() else { bail!("the licence ends too early") };
        if matches!(*name, "AND" | "OR" | "WITH" | ")") {
            bail!("a licence is missing before `{name}`");
        }
        self.words = rest;
        if !self.take("WITH") {
            return Ok(ALLOWED.contains(name));
        }
        let Some((exception, rest)) = self.words.split_first() else {
            bail!("the exception after `WITH` is missing")
        };
        self.words = rest;
        Ok(ALLOWED.contains(&format!("{name} WITH {exception}").as_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_met_by_allowed_licences_alone() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "GPL-3.0 AND MIT OR ISC",
        ] {
            assert!(is_allowed(good).unwrap(), "{good}");
        }
        for bad in
            ["GPL-3.0", "MIT AND GPL-3.0", "MPL-2.0 AND (MIT OR ISC)", "MIT WITH Classpath-exception-2.0"]
        {
            assert!(!is_allowed(bad).unwrap(), "{bad}");
        }
        for unreadable in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "OR MIT", "Apache-2.0 WITH"] {
            assert!(is_allowed(unreadable).is_err(), "{unreadable}");
        }
    }

    #[test]
    fn packages_come_from_the_registry_with_a_licence() {
        let package = |source: &str, licence: Option<&str>| json!({"packages": [{"name": "x", "version": "1.0.0", "source": source, "license": licence}]});
        assert!(check(&package(REGISTRY, Some("MIT"))).is_empty());
        assert_eq!(check(&package(REGISTRY, None)), ["`x 1.0.0` names no licence"]);
        assert_eq!(
            check(&package(REGISTRY, Some("AGPL-3.0"))),
            ["`x 1.0.0` is under `AGPL-3.0`, which is not allowed"]
        );
        assert_eq!(check(&package("git+https://example.org/x", Some("MIT"))).len(), 1);
    }
}
