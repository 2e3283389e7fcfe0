//! What it takes to match a regular expression.

use proptest::prelude::*;

use super::random::cases;
use crate::condition::pattern::{CACHE_BYTES, CACHES_MAX, Pattern};

/// A text in which nearly every place looks different to an expression that counts back.
pub(super) fn letters(count: usize) -> String {
    let mut random = 1_u64;
    let mut letter = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if random >> 63 == 0 { 'a' } else { 'b' }
    };
    (0..count).map(|_| letter()).collect()
}

#[test]
fn what_takes_a_state_for_every_byte_is_given_up() {
    let text = letters(400_000);
    let mut counting = Pattern::compile("(a|b)*a(a|b){100}c").unwrap();
    let search = counting.search(&text);
    assert_eq!(search.found, None);
    assert!(search.built >= CACHES_MAX * CACHE_BYTES, "{}", search.built);
    assert!(counting.worst_work(&text) > 10_000_000, "{}", counting.worst_work(&text));
    // Once given up, it is given up at once.
    assert_eq!(counting.search(&text).built, 0);
    for ordinary in [r"\d{4}-\d{2}-\d{2}", r"\w+@\w+\.\w+", "(?i)(yes|no)", "(a|b|ab)*c", "[a-z]{3,60}x"] {
        let search = Pattern::compile(ordinary).unwrap().search(&text);
        assert_eq!(search.found, Some(false), "{ordinary}");
        assert!(search.built < CACHE_BYTES, "{ordinary}: {}", search.built);
    }
}

proptest! {
    #![proptest_config(cases(500))]

    /// Both ways say the same, and what the library says that chooses between them.
    #[test]
    fn both_ways_say_what_the_library_says(
        pattern in r"(a|b|é|\.|\\b|\\w|\^|\$|\(a\|é\)|\[\^a\]|\*|\+|\?|\{2\}|\||\(\?i\)){1,8}",
        text in "[aAbé .\n]{0,12}",
    ) {
        let judge = regex::Regex::new(&pattern);
        prop_assert_eq!(judge.is_ok(), Pattern::compile(&pattern).is_ok(), "{}", pattern);
        let (Ok(judge), Ok(mut pattern)) = (judge, Pattern::compile(&pattern)) else { return Ok(()) };
        prop_assert_eq!(pattern.search_all(&text), judge.is_match(&text));
        if let Some(found) = pattern.search(&text).found {
            prop_assert_eq!(found, judge.is_match(&text));
        }
    }
}
