//! What goes wrong in a history, and how often. Each seed draws its own mixture; in one of ten nothing goes wrong.

use super::random::Random;

/// An engine that was silent for so long is taken for dead by the others.
pub(super) const LEASE_MS: u64 = 30_000;

/// Chances are in a thousand, of each transaction or call.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    /// A transaction is refused and nothing happened.
    pub(super) refused: u64,
    /// A transaction happened and its answer is lost.
    pub(super) unknown: u64,
    /// The answer is lost, and the transaction happens some time later.
    pub(super) late: u64,
    /// A transaction takes its time.
    pub(super) slow: u64,
    /// The engine dies just before or just after a transaction.
    pub(super) crash: u64,
    /// The engine stops for longer than its lease just before or just after a transaction.
    pub(super) stop: u64,
    /// A model call fails in some way.
    pub(super) call_fails: u64,
    /// A model call never ends.
    pub(super) call_hangs: u64,
    /// A model answers something that cannot be used, and is asked again.
    pub(super) call_garbles: u64,
    /// A model call takes very long.
    pub(super) call_slow: u64,
    /// A call ends the process that made it.
    pub(super) call_kills: u64,
    /// Two people answer one task, differently.
    pub(super) two_answers: u64,
    /// An answer is sent twice.
    pub(super) answer_twice: u64,
    /// Events in the life of the engines, per second.
    pub(super) events: Vec<Event>,
    /// The run is cancelled at some moment.
    pub(super) cancels: bool,
    /// Somebody resumes, whether the run is paused or not.
    pub(super) resumes: bool,
}

/// Something that happens to engines, or to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// The process is gone.
    Kill,
    /// The process stops and goes on later.
    Stop,
    /// The engine is told to shut down, and started again.
    Restart,
    /// No transaction happens for a while.
    Outage,
    /// The wall clock is set.
    ClockJump,
}

const EVENTS: [Event; 5] = [Event::Kill, Event::Stop, Event::Restart, Event::Outage, Event::ClockJump];

impl Faults {
    pub(super) fn draw(random: &mut Random) -> Self {
        if random.chance(100) {
            return Self::default();
        }
        let mut some = |rare: u64, often: u64| {
            if random.chance(650) {
                return 0;
            }
            *random.pick(&[rare, often])
        };
        let mut faults = Self {
            refused: some(20, 150),
            unknown: some(20, 120),
            late: some(20, 100),
            slow: some(50, 500),
            crash: some(5, 30),
            stop: some(10, 60),
            call_fails: some(50, 300),
            call_hangs: some(10, 80),
            call_garbles: some(50, 300),
            call_slow: some(100, 700),
            call_kills: some(20, 300),
            two_answers: some(500, 1_000),
            answer_twice: some(300, 1_000),
            events: Vec::new(),
            cancels: false,
            resumes: false,
        };
        faults.events = EVENTS.into_iter().filter(|_| random.chance(300)).collect();
        faults.cancels = random.chance(120);
        faults.resumes = random.chance(200);
        faults
    }

    /// Whether nothing goes wrong.
    pub(super) fn is_none(&self) -> bool {
        let chances = [
            self.refused,
            self.unknown,
            self.late,
            self.slow,
            self.crash,
            self.stop,
            self.call_fails,
            self.call_hangs,
            self.call_garbles,
            self.call_slow,
            self.call_kills,
            self.two_answers,
            self.answer_twice,
        ];
        chances == [0; 13] && self.events.is_empty() && !self.cancels && !self.resumes
    }
}
