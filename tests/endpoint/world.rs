//! What do all connections share, and what time is it in there?
//!
//! One lock around everything makes each call atomic, which is what API-12 asks for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::calls::Call;
use super::cluster::{Cluster, Profile};
use super::defect::Defect;
use super::freedom::Freedoms;
use super::pace::{Pace, default_tasks};
use super::view::Names;

/// Which paths are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Layout {
    #[default]
    Documented,
    Product,
    Both,
}

/// How an endpoint is set up.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) control_port: u16,
    pub(crate) nodes: usize,
    pub(crate) versions: Vec<String>,
    pub(crate) profile: Profile,
    pub(crate) layout: Layout,
    pub(crate) seed: u64,
    pub(crate) delay: Duration,
    /// How long finalization tasks run at least; a default that depends on the profile when not given.
    pub(crate) tasks: Option<Duration>,
    /// Empty, or a path that starts with a slash and ends without one.
    pub(crate) context: String,
    pub(crate) defect: Option<Defect>,
    pub(crate) freedoms: Freedoms,
    /// `user:password` of the system administrator; without it nobody is asked.
    pub(crate) auth: Option<String>,
    /// `user:password` of an account without system administration.
    pub(crate) plain: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            control_port: 0,
            nodes: 3,
            versions: vec!["9.2.1".to_owned(), "9.2.4".to_owned()],
            profile: Profile::default(),
            layout: Layout::default(),
            seed: 0,
            delay: Duration::from_millis(2),
            tasks: None,
            context: String::new(),
            defect: None,
            freedoms: Freedoms::default(),
            auth: None,
            plain: None,
        }
    }
}

impl Options {
    pub(crate) fn cluster(&self) -> Cluster {
        let mut cluster = Cluster::new(self.nodes, self.versions.len(), self.profile, self.defect);
        cluster.note();
        cluster
    }
}

/// How many calls of one sort are being handled, and whether there were ever two at once among them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Contest {
    pub(crate) running: u32,
    pub(crate) contested: bool,
}

/// Everything behind the lock.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) pace: Pace,
    pub(crate) random: fastrand::Rng,
    contests: [Contest; 4],
}

impl World {
    pub(crate) fn contest(&mut self, call: Call) -> &mut Contest {
        &mut self.contests[match call {
            Call::Start => 0,
            Call::Cancel => 1,
            Call::Approve => 2,
            Call::Retry => 3,
        }]
    }
}

/// What time it is: as on the wall, or as many milliseconds as a test has let pass.
#[derive(Debug)]
enum Clock {
    Wall(Instant),
    ByHand(AtomicU64),
}

/// The endpoint as its connections see it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) names: Names,
    clock: Clock,
    world: Mutex<World>,
}

impl Shared {
    pub(crate) fn new(options: Options) -> Self {
        Self::with_clock(options, Clock::Wall(Instant::now()))
    }

    /// For tests: no time passes but by `pass`.
    pub(crate) fn by_hand(options: Options) -> Self {
        Self::with_clock(options, Clock::ByHand(AtomicU64::new(0)))
    }

    pub(crate) fn pass(&self, millis: u64) {
        if let Clock::ByHand(passed) = &self.clock {
            passed.fetch_add(millis, Ordering::SeqCst);
        }
    }

    fn with_clock(options: Options, clock: Clock) -> Self {
        let tasks = options.tasks.unwrap_or_else(|| default_tasks(options.profile, options.delay));
        let world = World {
            cluster: options.cluster(),
            pace: Pace::new(
                options.nodes,
                options.delay,
                tasks,
                options.freedoms.clone(),
                options.seed,
            ),
            random: fastrand::Rng::with_seed(options.seed ^ 0x00c0_ffee),
            contests: [Contest::default(); 4],
        };
        let names = Names::new(options.nodes, options.versions.clone(), options.seed);
        Self { options, names, clock, world: Mutex::new(world) }
    }

    pub(crate) fn now(&self) -> Duration {
        match &self.clock {
            Clock::Wall(started) => started.elapsed(),
            Clock::ByHand(passed) => Duration::from_millis(passed.load(Ordering::SeqCst)),
        }
    }

    /// The world as it is at this moment: whatever is due has happened.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let World { cluster, pace, .. } = &mut *world;
        pace.advance(cluster, now);
        world
    }
}
