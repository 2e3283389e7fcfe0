//! Makes a failing input smaller: takes pieces out as long as it still fails.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Trials are processes of their own, each some milliseconds.
const TRIALS_MAX: u32 = 2_000;

/// Inputs that take all the time they may are left large.
const TIME_MAX: Duration = Duration::from_mins(1);

/// The smallest input found that still `fails`; the input itself if it does not fail again.
///
/// Pieces of half the length are taken out, then of a quarter, and so on to single bytes, after Zeller's delta
/// debugging without its tests of the pieces alone.
pub(crate) fn minimise(input: &[u8], fails: &mut dyn FnMut(&[u8]) -> Result<bool>) -> Result<Vec<u8>> {
    let mut small = input.to_vec();
    let (mut trials, start) = (0, Instant::now());
    let mut piece = small.len().div_ceil(2);
    while piece > 0 {
        let (mut at, before) = (0, small.len());
        while at < small.len() {
            if trials == TRIALS_MAX || start.elapsed() > TIME_MAX {
                return Ok(small);
            }
            trials += 1;
            let end = (at + piece).min(small.len());
            let candidate = [&small[..at], &small[end..]].concat();
            if fails(&candidate)? {
                small = candidate;
            } else {
                at = end;
            }
        }
        // Once more with single bytes, as long as that helps.
        piece = if piece == 1 { usize::from(small.len() < before) } else { piece.div_ceil(2) };
    }
    Ok(small)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_is_taken_out() {
        let text = format!("{}a{}b{}", "x".repeat(700), "y".repeat(90), "z".repeat(33));
        let mut both = |input: &[u8]| Ok(input.contains(&b'a') && input.contains(&b'b'));
        assert_eq!(minimise(text.as_bytes(), &mut both).unwrap(), b"ab");
        assert_eq!(minimise(b"flaky", &mut |_| Ok(false)).unwrap(), b"flaky");
        assert_eq!(minimise(b"any", &mut |_| Ok(true)).unwrap(), b"");
    }
}
