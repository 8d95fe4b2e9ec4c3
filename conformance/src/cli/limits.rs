//! How much may a search take? Time, memory and depth, known before it starts or asked while it runs.
//!
//! The model has no clock and knows no machine: it asks whoever starts a search whether to go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use zdu_model::check::sought::Bound;

use super::signals::raise;

/// The bounds that commands share.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct LimitArgs {
    /// End the search after this long, and say what is known, such as 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(super) time: Option<Duration>,
    /// The memory that a search may take, such as 8G; by default what the machine has to spare
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(super) memory: Option<u64>,
}

impl LimitArgs {
    /// The memory that may be taken, in bytes.
    pub(super) fn memory(&self) -> u64 {
        self.memory.or_else(spare).unwrap_or(FALLBACK)
    }
}

/// What a scene of operator and cluster takes with its steps, in bytes, about: measured at N = 6 with three faults.
const SCENE_BYTES: u64 = 1_000;

/// Where the machine does not say what it has.
const FALLBACK: u64 = 2 << 30;

/// What the machine has to spare: what is available, and no more than a group of processes may have.
fn spare() -> Option<u64> {
    let info = std::fs::read_to_string("/proc/meminfo").ok()?;
    let available = kilobytes(&info, "MemAvailable:")?;
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|limit| limit.trim().parse().ok());
    Some(available.min(group.unwrap_or(u64::MAX)))
}

/// `8G`, `512M`, `65536`.
fn bytes(given: &str) -> Result<u64, String> {
    let wrong = || format!("`{given}` is no amount of memory; write 8G, 512M or 65536K");
    let upper = given.trim().to_uppercase();
    let upper = upper.trim_end_matches("IB").trim_end_matches('B');
    let units = [('K', 10), ('M', 20), ('G', 30), ('T', 40)];
    let unit = units.into_iter().find(|(unit, _)| upper.ends_with(*unit));
    let number = unit.map_or(upper, |(unit, _)| upper.trim_end_matches(unit));
    let number: u64 = number.trim().parse().map_err(|_| wrong())?;
    number.checked_shl(unit.map_or(0, |(_, shift)| shift)).filter(|it| *it > 0).ok_or_else(wrong)
}

/// Bytes for people: `1.5 GiB`.
pub(super) fn amount(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes >> shift > 0);
    unit.map_or_else(
        || format!("{bytes} bytes"),
        |(shift, unit)| format!("{:.1} {unit}", bytes as f64 / f64::from(1_u32 << shift)),
    )
}

/// The clock, the memory and the keyboard of a search.
pub(super) struct Watch {
    deadline: Option<Instant>,
    interrupted: Arc<AtomicBool>,
    memory: Option<Memory>,
}

/// What the process takes, looked at now and then: what a search takes is mostly known before it starts, but not the tables of
/// many versions, nor the layers that it keeps on the way to what lies deep.
struct Memory {
    /// The most that it may take, in bytes.
    most: u64,
    began: Instant,
    /// When it is looked at next, in milliseconds since it began.
    next: AtomicU64,
}

/// How long nobody looks at the memory again: a read of a small file.
const LOOK: u64 = 20;

impl Memory {
    /// What is taken already is not the search's.
    fn of(limits: LimitArgs) -> Option<Self> {
        let most = limits.memory().saturating_add(resident()?);
        Some(Self { most, began: Instant::now(), next: AtomicU64::new(0) })
    }

    fn is_full(&self) -> bool {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now < self.next.load(Ordering::Relaxed) {
            return false;
        }
        self.next.store(now.saturating_add(LOOK), Ordering::Relaxed);
        resident().is_some_and(|taken| taken > self.most)
    }
}

/// What the process takes of the machine's memory, in bytes, where the machine says so.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    kilobytes(&status, "VmRSS:")
}

/// A line of kilobytes, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

impl Watch {
    /// Begins now. From here on Ctrl-C ends the search, which then says what it knows; a second one ends the process.
    pub(super) fn begin(limits: LimitArgs) -> Self {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        // Without a runtime for signals Ctrl-C ends the process as ever.
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            std::thread::spawn(move || {
                let told = "interrupted; what is known so far follows";
                runtime.block_on(raise(flag, told));
            });
        }
        let deadline = limits.time.map(|time| Instant::now() + time);
        Self { deadline, interrupted, memory: Memory::of(limits) }
    }

    /// One that never ends a search.
    pub(super) fn idle() -> Self {
        Self { deadline: None, interrupted: Arc::default(), memory: None }
    }

    /// The reason to end now, if there is one.
    pub(super) fn stop(&self) -> Option<Bound> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Some(Bound::Interrupted);
        }
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let full = || self.memory.as_ref().is_some_and(Memory::is_full);
        late.then_some(Bound::Time).or_else(|| full().then_some(Bound::Memory))
    }

    /// The reason to end a search of operator and cluster now, which keeps so many scenes.
    pub(super) fn stop_at(&self, scenes: usize, limits: LimitArgs) -> Option<Bound> {
        let full = scenes as u64 > limits.memory() / SCENE_BYTES;
        self.stop().or(full.then_some(Bound::Memory))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves that a search is ended that takes more than it may, whatever was said that it needs, and no other.
    #[test]
    fn what_takes_more_memory_than_it_may_is_ended() {
        let allowed = |bytes: u64| {
            let memory = Memory::of(LimitArgs { memory: Some(bytes), time: None });
            Watch { memory, ..Watch::idle() }
        };
        let (little, much) = (allowed(8 << 20), allowed(1 << 40));
        if little.memory.is_none() {
            return eprintln!("SKIPPED: this machine does not say what a process takes");
        }
        let taken = vec![1_u8; 256 << 20];
        let begin = Instant::now();
        let by = loop {
            assert!(begin.elapsed() < Duration::from_secs(10), "it is looked at");
            if let Some(by) = little.stop() {
                break by;
            }
            std::thread::yield_now();
        };
        assert_eq!((by, much.stop()), (Bound::Memory, None));
        assert_eq!(taken.last(), Some(&1));
    }

    #[test]
    fn amounts_of_memory_are_read_and_written() {
        for (given, is) in
            [("8G", 8 << 30), ("512M", 512 << 20), ("64k", 64 << 10), ("1GiB", 1 << 30), ("7", 7)]
        {
            assert_eq!(bytes(given), Ok(is), "{given}");
        }
        for given in ["", "G", "-1G", "8X", "0"] {
            assert!(bytes(given).is_err(), "{given}");
        }
        assert_eq!(amount(3 << 29), "1.5 GiB");
        assert_eq!(amount(100), "100 bytes");
    }
}
