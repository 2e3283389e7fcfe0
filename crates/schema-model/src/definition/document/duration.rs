//! Durations as authors write them: `500ms`, `90s`, `2m`, `1.5h`; a bare number counts seconds.

const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// The longest duration, in milliseconds: ten years.
pub(super) const DURATION_MS_MAX: u64 = 10 * 366 * 24 * 3_600_000;

/// The milliseconds of a written duration.
pub(super) fn parse_ms(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits =
        text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let unit_ms = UNITS.iter().find(|(name, _)| *name == unit || (unit.is_empty() && *name == "s"))?.1;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || fraction.len() > 6 || (number.contains('.') && fraction.is_empty()) {
        return None;
    }
    let whole_ms = whole.parse::<u64>().ok()?.checked_mul(unit_ms)?;
    let fraction_ms = match fraction {
        "" => 0,
        digits => digits.parse::<u64>().ok()? * unit_ms / 10_u64.pow(digits.len() as u32),
    };
    whole_ms.checked_add(fraction_ms).filter(|milliseconds| *milliseconds <= DURATION_MS_MAX)
}

/// The shortest exact way to write a duration.
pub(super) fn write_ms(milliseconds: u64) -> String {
    let largest = UNITS.iter().rev().find(|(_, unit_ms)| milliseconds.is_multiple_of(*unit_ms));
    match largest {
        _ if milliseconds == 0 => "0s".to_owned(),
        Some((name, unit_ms)) => format!("{}{name}", milliseconds / unit_ms),
        None => format!("{milliseconds}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_a_known_unit() {
        for (text, milliseconds) in [
            ("90s", Some(90_000)),
            ("1.5h", Some(5_400_000)),
            ("2 m", Some(120_000)),
            ("250ms", Some(250)),
            ("7", Some(7_000)),
            ("0", Some(0)),
            ("2 weeks", None),
            ("-1s", None),
            ("1.s", None),
            ("s", None),
            ("", None),
            ("99999999999999999999h", None),
            ("9999999h", None),
        ] {
            assert_eq!(parse_ms(text), milliseconds, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for milliseconds in [0, 1, 999, 1_000, 90_000, 90_500, 120_000, 3_600_000, 5_400_000] {
            assert_eq!(parse_ms(&write_ms(milliseconds)), Some(milliseconds));
        }
        assert_eq!(write_ms(90_000), "90s");
        assert_eq!(write_ms(7_200_000), "2h");
    }
}
