//! Which engines live, told by their heartbeats.
//!
//! Every engine that claims a run has a row in `schedulers`, and its process counts that row up every few seconds. An
//! engine is dead when its count stood still while this process watched without a break: not by a time in the database,
//! so neither clocks that differ nor a database that was away make anybody dead. Its row is then `fenced` for good, and
//! its runs may be claimed. It costs a claim nothing to ask about an engine that was seen alive; about one that was
//! never seen it waits for the first sign.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use branchline_schema_model::id::{SchedulerId, WorkflowRunId};
use branchline_schema_model::store::{Claim, Fence, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::pool::Pool;
use super::query::workflow_run;
use super::transaction::{read, write};
use super::{Conn, operation};
use crate::error::{DbError, not_found};
use crate::schema::schedulers;
use crate::sql_types::{DbUid, Instant as InstantType};

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub struct HeartbeatTiming {
    /// Between two heartbeats, and between two looks at those of others.
    pub beat: Duration,
    /// How long a count has to stand still.
    pub death: Duration,
}

impl Default for HeartbeatTiming {
    /// A process that is paused for less than half a minute loses nothing.
    fn default() -> Self {
        Self { beat: Duration::from_secs(5), death: Duration::from_secs(30) }
    }
}

/// The engines of this store, and what it saw of others.
pub(super) struct Ownership {
    shared: Arc<Shared>,
}

struct Shared {
    pool: Arc<Pool>,
    timing: HeartbeatTiming,
    state: Mutex<State>,
    /// Counts the looks at the heartbeats of others.
    looks: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    is_beating: bool,
    /// Engines of this store, by whether others declared them dead.
    mine: HashMap<SchedulerId, bool>,
    observer: Observer,
}

impl Ownership {
    pub(super) fn new(pool: Arc<Pool>, timing: HeartbeatTiming) -> Self {
        let (looks, _) = watch::channel(0);
        Self { shared: Arc::new(Shared { pool, timing, state: Mutex::default(), looks }) }
    }

    /// Takes ownership of a run unless its owner lives.
    pub(super) async fn claim(&self, run: WorkflowRunId, owner: SchedulerId) -> Result<Claim, StoreError> {
        self.register(owner).await?;
        let mut looks = self.shared.looks.subscribe();
        loop {
            match write(&self.shared.pool, &(run, owner), operation!(claim)).await {
                Err(StoreError::Owned { owner: other }) if self.is_unknown(other) => {
                    self.begin();
                    // The sender is in `shared`, which is here.
                    let _ = looks.changed().await;
                }
                claimed => return claimed,
            }
        }
    }

    /// Runs that want an engine and have none that lives, but for this one.
    pub(super) async fn orphans(
        &self,
        owner: SchedulerId,
        limit: usize,
    ) -> Result<Vec<WorkflowRunId>, StoreError> {
        self.begin();
        read(&self.shared.pool, &(owner, limit), operation!(orphans)).await
    }

    /// As [`claim`](Self::claim), without waiting for a sign of the owner.
    pub(super) async fn claim_idle(
        &self,
        run: WorkflowRunId,
        owner: SchedulerId,
    ) -> Result<Claim, StoreError> {
        self.register(owner).await?;
        write(&self.shared.pool, &(run, owner), operation!(claim)).await
    }

    /// Makes an engine of this store known to others.
    async fn register(&self, owner: SchedulerId) -> Result<(), StoreError> {
        match self.shared.state().mine.get(&owner) {
            Some(true) => return Err(StoreError::Fenced),
            Some(false) => return Ok(()),
            None => {}
        }
        write(&self.shared.pool, &owner, operation!(register)).await?;
        self.shared.state().mine.insert(owner, false);
        self.begin();
        Ok(())
    }

    /// Whether another engine was seen neither alive nor dead so far.
    fn is_unknown(&self, other: SchedulerId) -> bool {
        let state = self.shared.state();
        !state.mine.contains_key(&other) && !state.observer.was_alive(other)
    }

    /// Starts to beat and to watch, once.
    fn begin(&self) {
        if !std::mem::replace(&mut self.shared.state().is_beating, true) {
            tokio::spawn(keep_beating(Arc::downgrade(&self.shared), self.shared.timing.beat));
        }
    }
}

impl Drop for Ownership {
    /// The engines of this store end with it. If there is no time to say so, others find out.
    fn drop(&mut self) {
        let ids: Vec<DbUid> = self.shared.state().mine.keys().map(|id| (*id).into()).collect();
        let pool = Arc::clone(&self.shared.pool);
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !ids.is_empty()
        {
            runtime.spawn(async move {
                if let Err(error) = write(&pool, &ids, operation!(leave)).await {
                    tracing::debug!(%error, "an engine ended without a word");
                }
            });
        }
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One heartbeat, one look at the others.
    async fn beat(&self) {
        let mine: Vec<DbUid> = self.state().mine.keys().map(|id| (*id).into()).collect();
        let looked = write(&self.pool, &mine, operation!(beat_and_look)).await;
        let mut dead = Vec::new();
        match looked {
            Ok(counts) => {
                let living: HashSet<SchedulerId> = counts.iter().map(|(id, _)| *id).collect();
                let mut state = self.state();
                // Of an engine that came in the meantime this heartbeat knows nothing.
                for id in mine.into_iter().map(SchedulerId::from) {
                    if let Some(is_fenced) = state.mine.get_mut(&id) {
                        *is_fenced = !living.contains(&id);
                    }
                }
                let others = counts.into_iter().filter(|(id, _)| !state.mine.contains_key(id)).collect();
                dead = state.observer.look(others, Instant::now(), self.timing.death);
            }
            Err(error) => {
                tracing::warn!(%error, "no heartbeat: the database cannot be reached");
                self.state().observer.forget();
            }
        }
        for (id, count) in dead {
            tracing::warn!(engine = %id, "its heartbeat stood still; its runs may be taken over");
            if let Err(error) = write(&self.pool, &(id, count), operation!(fence)).await {
                tracing::warn!(%error, engine = %id, "could not declare it dead");
                self.state().observer.forget();
            }
        }
        self.looks.send_modify(|looks| *looks += 1);
    }
}

/// Beats as long as the store is open.
async fn keep_beating(shared: Weak<Shared>, beat: Duration) {
    while let Some(shared) = shared.upgrade() {
        shared.beat().await;
        drop(shared);
        sleep(beat).await;
    }
}

/// What this process saw of the heartbeats of others, since it last lost sight.
#[derive(Debug, Default)]
struct Observer {
    seen: HashMap<SchedulerId, Seen>,
    last_look: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    count: i64,
    /// Since when the count stands still.
    since: Instant,
    /// Whether it was seen to move.
    moved: bool,
}

impl Observer {
    /// Takes in the counts of the engines that have not ended; gives back those that are dead.
    fn look(
        &mut self,
        counts: Vec<(SchedulerId, i64)>,
        now: Instant,
        death: Duration,
    ) -> Vec<(SchedulerId, i64)> {
        // Who was away itself cannot say that others were.
        if self.last_look.is_some_and(|last| now - last > death * 4 / 5) {
            self.seen.clear();
        }
        self.last_look = Some(now);
        let before = std::mem::take(&mut self.seen);
        let mut dead = Vec::new();
        for (id, count) in counts {
            let seen = match before.get(&id) {
                Some(seen) if seen.count == count => *seen,
                Some(_) => Seen { count, since: now, moved: true },
                None => Seen { count, since: now, moved: false },
            };
            if now - seen.since >= death {
                dead.push((id, count));
            }
            self.seen.insert(id, seen);
        }
        dead
    }

    /// Something was in the way: what was seen before says nothing any more.
    fn forget(&mut self) {
        self.seen.clear();
    }

    fn was_alive(&self, id: SchedulerId) -> bool {
        self.seen.get(&id).is_some_and(|seen| seen.moved)
    }
}

async fn register(conn: &mut Conn, owner: &SchedulerId) -> Result<(), DbError> {
    let query =
        "INSERT INTO schedulers (id, state, heartbeat_count, heartbeat_at, host, pid, version, started_at)
        VALUES ($1, 'active', 0, now(), $2, $3, $4, now())";
    diesel::sql_query(query)
        .bind::<crate::sql_types::Uid, _>(DbUid::from(*owner))
        .bind::<Text, _>(host())
        .bind::<BigInt, _>(i64::from(std::process::id()))
        .bind::<Text, _>(env!("CARGO_PKG_VERSION"))
        .execute(conn)
        .await?;
    Ok(())
}

/// The name of this machine, for people.
fn host() -> String {
    let name = std::fs::read_to_string("/etc/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    name.map(|name| name.trim().to_owned()).unwrap_or_default()
}

async fn beat_and_look(conn: &mut Conn, mine: &Vec<DbUid>) -> Result<Vec<(SchedulerId, i64)>, DbError> {
    if !mine.is_empty() {
        let living = schedulers::table.filter(schedulers::id.eq_any(mine)).filter(is_living());
        let now = diesel::dsl::sql::<InstantType>("now()");
        diesel::update(living)
            .set((
                schedulers::heartbeat_count.eq(schedulers::heartbeat_count + 1),
                schedulers::heartbeat_at.eq(now),
            ))
            .execute(conn)
            .await?;
    }
    let counts = schedulers::table.filter(is_living()).select((schedulers::id, schedulers::heartbeat_count));
    let counts: Vec<(DbUid, i64)> = RunQueryDsl::load(counts, conn).await?;
    Ok(counts.into_iter().map(|(id, count)| (id.into(), count)).collect())
}

async fn fence(conn: &mut Conn, (id, count): &(SchedulerId, i64)) -> Result<(), DbError> {
    let unmoved = schedulers::table.find(DbUid::from(*id)).filter(schedulers::heartbeat_count.eq(count));
    let unmoved = diesel::update(unmoved.filter(is_living())).set(schedulers::state.eq("fenced"));
    RunQueryDsl::execute(unmoved, conn).await?;
    Ok(())
}

async fn leave(conn: &mut Conn, ids: &Vec<DbUid>) -> Result<(), DbError> {
    let mine = schedulers::table.filter(schedulers::id.eq_any(ids)).filter(is_living());
    RunQueryDsl::execute(diesel::update(mine).set(schedulers::state.eq("gone")), conn).await?;
    Ok(())
}

/// Engines that have not ended.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_living() -> _ {
    schedulers::state.eq("active").or(schedulers::state.eq("draining"))
}

async fn state_of(conn: &mut Conn, id: SchedulerId) -> Result<Option<String>, DbError> {
    let state = schedulers::table.find(DbUid::from(id)).select(schedulers::state);
    Ok(RunQueryDsl::first(state, conn).await.optional()?)
}

async fn claim(conn: &mut Conn, (run, owner): &(WorkflowRunId, SchedulerId)) -> Result<Claim, DbError> {
    let (previous, epoch) =
        workflow_run::workflow_run_owner(conn, (*run).into()).await?.ok_or_else(|| not_found("run", run))?;
    let previous_owner = previous.map(SchedulerId::from);
    if let Some(other) = previous_owner.filter(|other| other != owner)
        && state_of(conn, other).await?.is_some_and(|state| lives(&state))
    {
        return Err(StoreError::Owned { owner: other }.into());
    }
    if !state_of(conn, *owner).await?.is_some_and(|state| lives(&state)) {
        return Err(StoreError::Fenced.into());
    }
    let fence = Fence { run_id: *run, owner_id: *owner, claim_epoch: epoch + 1 };
    if workflow_run::workflow_run_own(conn, fence).await? == 0 {
        // Somebody else claimed it since it was looked at.
        let (other, _) = workflow_run::workflow_run_owner(conn, (*run).into()).await?.unwrap_or_default();
        return Err(StoreError::Owned { owner: other.map_or(*owner, Into::into) }.into());
    }
    Ok(Claim { fence, previous_owner })
}

fn lives(state: &str) -> bool {
    matches!(state, "active" | "draining")
}

async fn orphans(
    conn: &mut Conn,
    (owner, limit): &(SchedulerId, usize),
) -> Result<Vec<WorkflowRunId>, DbError> {
    let others = schedulers::table.filter(is_living()).filter(schedulers::id.ne(DbUid::from(*owner)));
    let others: Vec<DbUid> = RunQueryDsl::load(others.select(schedulers::id), conn).await?;
    let runs = workflow_run::workflow_run_list_wanting(conn, &others, *limit as i64).await?;
    Ok(runs.into_iter().map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ids;

    const DEATH: Duration = Duration::from_secs(30);

    /// Looks every five seconds; each entry is what is seen, and whether the engine is dead then.
    fn check(looks: impl IntoIterator<Item = (Option<i64>, bool)>) {
        let (id, start) = (Ids::new(1).make(), Instant::now());
        let mut observer = Observer::default();
        for (index, (count, is_dead)) in looks.into_iter().enumerate() {
            let now = start + Duration::from_secs(5) * index as u32;
            let Some(count) = count else {
                observer.forget();
                continue;
            };
            let dead = observer.look(vec![(id, count)], now, DEATH);
            assert_eq!(!dead.is_empty(), is_dead, "look {index}");
        }
    }

    #[test]
    fn dead_is_whose_count_stood_still_while_it_was_watched() {
        let mut looks = vec![(Some(7), false); 6];
        looks.push((Some(7), true));
        check(looks.clone());
        // It moved in between.
        looks[3].0 = Some(8);
        looks[4..].fill((Some(8), false));
        check(looks);
    }

    #[test]
    fn an_observer_forgets_when_the_database_or_itself_was_away() {
        let mut looks = vec![(Some(7), false); 9];
        looks[4].0 = None;
        check(looks);
        let (id, start) = (Ids::new(1).make(), Instant::now());
        let mut observer = Observer::default();
        assert_eq!(observer.look(vec![(id, 7)], start, DEATH), []);
        let later = start + Duration::from_mins(5);
        assert_eq!(observer.look(vec![(id, 7)], later, DEATH), []);
        assert!(!observer.was_alive(id));
        assert_eq!(observer.look(vec![(id, 8)], later + Duration::from_secs(5), DEATH), []);
        assert!(observer.was_alive(id));
    }
}
