//! Bugs planted on purpose, one at a time, to see that the simulation finds them.
//!
//! Without the feature `simulation`, which no shipped program has, [`is_planted`] is the constant `false` and nothing
//! of this is left in the program.

/// A bug. Where it is planted, [`is_planted`] asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "simulation"), expect(unreachable_pub, reason = "public with the feature alone"))]
pub enum Planted {
    /// The driver takes a commit that may have been made for one that was not, and lets the run go.
    UnknownCommitIsFailure,
    /// The driver acts before what it does is stored.
    ActBeforePersist,
    /// A message is marked as applied and nothing comes of it.
    MessageLost,
    /// An event number is left out.
    SequenceGap,
    /// Nobody takes up the runs of an engine that died.
    #[cfg(feature = "simulation")]
    NoTakeOver,
    /// Nobody takes up a run whose engine does not know that it owns it.
    #[cfg(feature = "simulation")]
    NoOwnOrphans,
    /// A cancelled run leaves what is under way as it is.
    CancelLeavesRunning,
    /// A message that is read a second time before its commit is applied a second time.
    MessageTwice,
    /// A step that ends its process is taken up again for ever.
    UnlimitedRecoveries,
    /// A failed attempt is repeated for ever.
    UnlimitedAttempts,
    /// A join does not wait for its last branch.
    JoinEarly,
    /// A branch without a value counts for `at_least`.
    SkippedCounts,
    /// A paused run goes on.
    PauseIgnored,
    /// A run is taken up without the attempts that count as nobody's fault.
    #[cfg(feature = "simulation")]
    FreeAttemptsForgotten,
    /// The store takes a commit from anybody.
    #[cfg(feature = "simulation")]
    NoFence,
    /// The store looks at the owner of a run and not at the epoch. The other way round would be no bug: every claim makes
    /// a new epoch, so that an epoch has one owner.
    #[cfg(feature = "simulation")]
    FenceWithoutEpoch,
    /// The store keeps events of a transaction that it did not commit.
    #[cfg(feature = "simulation")]
    EventsOutsideTransaction,
    /// The store lets go of the last change of a transaction.
    #[cfg(feature = "simulation")]
    CommitTorn,
    /// The store keeps several messages with one key.
    #[cfg(feature = "simulation")]
    MessageKeyIgnored,
}

/// Whether this bug is planted here.
#[cfg(not(feature = "simulation"))]
pub(crate) const fn is_planted(_: Planted) -> bool {
    false
}

#[cfg(feature = "simulation")]
pub use self::switch::*;

#[cfg(feature = "simulation")]
mod switch {
    use std::cell::Cell;

    use super::Planted;

    thread_local! {
        static PLANTED: Cell<Option<Planted>> = const { Cell::new(None) };
    }

    impl Planted {
        /// All of them.
        pub const ALL: [Self; 19] = [
            Self::UnknownCommitIsFailure,
            Self::ActBeforePersist,
            Self::MessageLost,
            Self::SequenceGap,
            Self::NoTakeOver,
            Self::NoOwnOrphans,
            Self::CancelLeavesRunning,
            Self::MessageTwice,
            Self::UnlimitedRecoveries,
            Self::UnlimitedAttempts,
            Self::JoinEarly,
            Self::SkippedCounts,
            Self::PauseIgnored,
            Self::FreeAttemptsForgotten,
            Self::NoFence,
            Self::FenceWithoutEpoch,
            Self::EventsOutsideTransaction,
            Self::CommitTorn,
            Self::MessageKeyIgnored,
        ];

        /// The bug of that name.
        pub fn named(name: &str) -> Option<Self> {
            Self::ALL.into_iter().find(|bug| format!("{bug:?}") == name)
        }
    }

    /// Plants a bug on this thread, or takes it away.
    pub fn plant(bug: Option<Planted>) {
        PLANTED.set(bug);
    }

    /// Whether this bug is planted here.
    pub(crate) fn is_planted(bug: Planted) -> bool {
        PLANTED.get() == Some(bug)
    }
}
