//! Dates in prompts: `{{date published "%d %B %Y"}}`.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The format of `date` when none is given.
pub(super) const FORMAT_DEFAULT: &str = "%Y-%m-%d";

/// A date with an optional time of day, in the time zone it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
}

impl Date {
    /// Reads `2026-11-22` and `2026-11-22T09:30:00` (or with a space), whatever zone or fraction follows.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, time) = (text.get(..10)?, text.get(10..)?);
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = match time.chars().next() {
            None => [0, 0, 0],
            Some('T' | 't' | ' ') => numbers(time.get(1..9)?, ':')?,
            Some(_) => return None,
        };
        let real = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        (real && hour < 24 && minute < 60 && second <= 60).then_some(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
        })
    }

    /// Writes the date by a format of `%Y %m %d %H %M %S`, `%e` (day without a leading zero), `%B` and `%b` (month),
    /// `%A` and `%a` (weekday), and `%%`. Anything else stays as it is.
    pub(super) fn format(&self, format: &str) -> String {
        let mut text = String::with_capacity(format.len() + 16);
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            if character != '%' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some(field) => text.push_str(&self.field(field)),
                None => text.push('%'),
            }
        }
        text
    }

    fn field(&self, field: char) -> String {
        let month = MONTHS[(self.month as usize - 1) % 12];
        let weekday = WEEKDAYS[self.weekday()];
        match field {
            'Y' => format!("{:04}", self.year),
            'm' => format!("{:02}", self.month),
            'd' => format!("{:02}", self.day),
            'e' => self.day.to_string(),
            'H' => format!("{:02}", self.hour),
            'M' => format!("{:02}", self.minute),
            'S' => format!("{:02}", self.second),
            'B' => month.to_owned(),
            'b' => month[..3].to_owned(),
            'A' => weekday.to_owned(),
            'a' => weekday[..3].to_owned(),
            '%' => "%".to_owned(),
            other => format!("%{other}"),
        }
    }

    /// 0 is Sunday; Tomohiko Sakamoto's method.
    fn weekday(&self) -> usize {
        const SHIFT: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        // Years repeat after 400, which keeps the subtraction away from zero.
        let year = self.year + 400 - u32::from(self.month < 3);
        let shift = SHIFT[(self.month as usize - 1) % 12];
        ((year + year / 4 - year / 100 + year / 400 + shift + self.day) % 7) as usize
    }
}

fn numbers(text: &str, separator: char) -> Option<[u32; 3]> {
    let mut parts = text
        .splitn(3, separator)
        .map(|part| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

fn days_of(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        let show = |text: &str, format: &str| Date::parse(text).map(|date| date.format(format));
        assert_eq!(show("2026-11-22", "%A, %e %B %Y").as_deref(), Some("Sunday, 22 November 2026"));
        assert_eq!(
            show("2000-02-29T07:05:09.123Z", "%a %d.%m. %H:%M:%S %% %q %").as_deref(),
            Some("Tue 29.02. 07:05:09 % %q %")
        );
        assert_eq!(show("1970-01-01 00:00:00+02:00", "%A").as_deref(), Some("Thursday"));
        for text in [
            "",
            "soon",
            "2026-13-01",
            "2025-02-29",
            "2026-1-1",
            "2026-11-22Tnoon",
            "2026-11-22x",
            "２０２６-11",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
