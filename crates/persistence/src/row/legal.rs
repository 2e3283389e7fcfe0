//! The legal moves as a condition of an update, so that the row itself refuses an illegal one.

use branchline_schema_model::run::Status;

/// The states from which a row may be written with the state `to`: those from which legal moves lead there (several may
/// fall into one commit), and `to` itself unless nothing may change any more. Filled up with repetitions, so that the statement is always the same.
pub(crate) fn sources<S: Status, const N: usize>(to: S) -> [&'static str; N] {
    let mut sources =
        S::ALL.iter().copied().filter(|from| from.may_reach(to) || (*from == to && !to.is_terminal()));
    let first = sources.next().unwrap_or(to);
    let mut names = [first.name(); N];
    for (name, status) in names.iter_mut().skip(1).zip(sources) {
        *name = status.name();
    }
    names
}

#[cfg(test)]
mod tests {
    use branchline_schema_model::run::{SectionRunStatus, StepRunStatus, WorkflowRunStatus};

    use super::*;

    fn agrees_with_the_table<S: Status, const N: usize>() {
        for to in S::ALL {
            let sources = sources::<S, N>(*to);
            for from in S::ALL {
                let stays = from == to && !to.is_terminal();
                let is_first = !S::ALL.iter().any(|from| from.may_reach(*to)) && from == to;
                let expected = from.may_reach(*to) || stays || is_first;
                assert_eq!(sources.contains(&from.name()), expected, "{} -> {}", from.name(), to.name());
            }
        }
    }

    #[test]
    fn conditions_say_what_the_table_of_moves_says() {
        agrees_with_the_table::<StepRunStatus, 6>();
        agrees_with_the_table::<SectionRunStatus, 3>();
        agrees_with_the_table::<WorkflowRunStatus, 4>();
    }
}
