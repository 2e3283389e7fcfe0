//! Decisions, made before.

/// Numbers that decide something, one after another. When none are left, the first of everything is taken.
#[derive(Debug, Clone)]
pub struct Choices<'a>(&'a [u16]);

impl<'a> Choices<'a> {
    /// Decisions by these numbers.
    pub const fn new(numbers: &'a [u16]) -> Self {
        Self(numbers)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % end.max(1)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// One of them.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn of<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }

    /// Whether no number is left.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}
