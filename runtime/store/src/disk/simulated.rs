//! A disk in memory that fails as planned, and can lose power.
//!
//! It is as forgetful as the worst disk the journal promises to survive: of what was written and not synced, a power
//! loss keeps any subset of sectors; a name that was made, changed or removed counts only after its folder was synced,
//! and may count before.

use super::{Disk, DiskFile};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is written at once or not at all.
const SECTOR: usize = 512;

/// Which operation fails. Each number counts the operations of its kind from 1, over all files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// This write fails and writes nothing.
    pub fail_write: Option<u64>,
    /// This write writes half and says so, once.
    pub short_write: Option<u64>,
    /// This sync fails; what it should have synced stays unsynced.
    pub fail_sync: Option<u64>,
    /// This rename fails.
    pub fail_rename: Option<u64>,
    /// The disk is full when its files have this many bytes together.
    pub capacity: Option<u64>,
    /// Nothing can be written.
    pub read_only: bool,
}

/// A disk in memory. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct SimulatedDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    plan: Plan,
    writes: u64,
    syncs: u64,
    renames: u64,
    names: BTreeMap<PathBuf, Arc<Mutex<Inode>>>,
    durable_names: BTreeMap<PathBuf, Arc<Mutex<Inode>>>,
    locks: BTreeMap<PathBuf, Arc<AtomicBool>>,
}

#[derive(Debug, Default, Clone)]
struct Inode {
    now: Vec<u8>,
    durable: Vec<u8>,
}

impl SimulatedDisk {
    /// An empty disk without a plan.
    pub fn new() -> SimulatedDisk {
        SimulatedDisk::default()
    }

    /// Sets what fails from here on; the counts begin anew.
    pub fn plan(&self, plan: Plan) {
        let mut state = lock(&self.state);
        (state.plan, state.writes, state.syncs, state.renames) = (plan, 0, 0, 0);
    }

    /// How many writes, syncs and renames there were since the last plan.
    pub fn counts(&self) -> (u64, u64, u64) {
        let state = lock(&self.state);
        (state.writes, state.syncs, state.renames)
    }

    /// The disk after a power loss: what was synced, and of the rest what the seed chooses. This one goes on unchanged.
    #[must_use]
    pub fn power_loss(&self, seed: u64) -> SimulatedDisk {
        let state = lock(&self.state);
        let mut dice = Dice(seed);
        let mut names = BTreeMap::new();
        let all = state.names.keys().chain(state.durable_names.keys());
        let mut all: Vec<&PathBuf> = all.collect();
        all.sort();
        all.dedup();
        for path in all {
            let entry = match (state.durable_names.get(path), state.names.get(path)) {
                (Some(old), Some(new)) if Arc::ptr_eq(old, new) => Some(new),
                (old, new) => {
                    if dice.flip() {
                        new
                    } else {
                        old
                    }
                }
            };
            if let Some(inode) = entry {
                names.insert(path.clone(), Arc::new(Mutex::new(lock(inode).after_power_loss(&mut dice))));
            }
        }
        let durable_names = names.clone();
        SimulatedDisk { state: Arc::new(Mutex::new(State { names, durable_names, ..State::default() })) }
    }

    /// The bytes of a file, for tests that look at or damage them.
    pub fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        Some(lock(lock(&self.state).names.get(path)?).now.clone())
    }

    /// Replaces the bytes of a file, durably, as damage does.
    pub fn damage(&self, path: &Path, bytes: Vec<u8>) {
        let state = lock(&self.state);
        if let Some(inode) = state.names.get(path) {
            *lock(inode) = Inode { now: bytes.clone(), durable: bytes };
        }
    }

    /// The names of all files.
    pub fn files(&self) -> Vec<PathBuf> {
        lock(&self.state).names.keys().cloned().collect()
    }
}

impl Inode {
    fn after_power_loss(&self, dice: &mut Dice) -> Inode {
        let mut left = self.durable.clone();
        if self.now.len() != left.len() && dice.flip() {
            left.resize(self.now.len(), 0);
        }
        for (to, from) in left.chunks_mut(SECTOR).zip(self.now.chunks(SECTOR)) {
            if dice.flip() {
                let length = to.len().min(from.len());
                if let (Some(to), Some(from)) = (to.get_mut(..length), from.get(..length)) {
                    to.copy_from_slice(from);
                }
            }
        }
        Inode { now: left.clone(), durable: left }
    }
}

impl State {
    fn used(&self) -> u64 {
        self.names.values().map(|inode| as_u64(lock(inode).now.len())).fold(0, u64::saturating_add)
    }

    /// How many bytes of this write go through.
    fn admit(&mut self, growth: u64, length: usize) -> io::Result<usize> {
        self.writes = self.writes.saturating_add(1);
        if self.plan.read_only {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        if self.plan.fail_write == Some(self.writes) {
            return Err(io::Error::other("planned failure of a write"));
        }
        if self.plan.capacity.is_some_and(|capacity| self.used().saturating_add(growth) > capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(if self.plan.short_write == Some(self.writes) { length.div_ceil(2) } else { length })
    }
}

impl Disk for SimulatedDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        if lock(&self.state).plan.read_only { Err(io::ErrorKind::ReadOnlyFilesystem.into()) } else { Ok(()) }
    }

    fn open(&self, path: &Path, create: bool) -> io::Result<Box<dyn DiskFile>> {
        let mut state = lock(&self.state);
        let inode = match state.names.get(path) {
            Some(inode) => Arc::clone(inode),
            None if !create => return Err(io::ErrorKind::NotFound.into()),
            None if state.plan.read_only => return Err(io::ErrorKind::ReadOnlyFilesystem.into()),
            None => {
                let inode = Arc::<Mutex<Inode>>::default();
                state.names.insert(path.to_owned(), Arc::clone(&inode));
                inode
            }
        };
        Ok(Box::new(SimulatedFile { inode, disk: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = lock(&self.state);
        state.renames = state.renames.saturating_add(1);
        if state.plan.fail_rename == Some(state.renames) {
            return Err(io::Error::other("planned failure of a rename"));
        }
        let inode = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), inode);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        lock(&self.state).names.remove(path).map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let state = lock(&self.state);
        let children = state.names.keys().filter_map(|name| name.strip_prefix(path).ok());
        let mut names: Vec<String> =
            children.filter_map(|rest| Some(rest.iter().next()?.to_string_lossy().into_owned())).collect();
        names.dedup();
        Ok(names)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = lock(&self.state);
        state.count_sync()?;
        state.durable_names.retain(|name, _| name.parent() != Some(path));
        let here: Vec<_> = state.names.iter().filter(|(name, _)| name.parent() == Some(path)).collect();
        let here: Vec<_> = here.into_iter().map(|(name, inode)| (name.clone(), Arc::clone(inode))).collect();
        state.durable_names.extend(here);
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send + Sync>> {
        let mut state = lock(&self.state);
        let flag = state.locks.entry(path.to_owned()).or_default();
        if flag.swap(true, Ordering::SeqCst) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Box::new(Held(Arc::clone(flag))))
    }
}

impl State {
    fn count_sync(&mut self) -> io::Result<()> {
        self.syncs = self.syncs.saturating_add(1);
        if self.plan.fail_sync == Some(self.syncs) {
            return Err(io::Error::other("planned failure of a sync"));
        }
        Ok(())
    }
}

struct Held(Arc<AtomicBool>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

struct SimulatedFile {
    inode: Arc<Mutex<Inode>>,
    disk: SimulatedDisk,
}

impl DiskFile for SimulatedFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let inode = lock(&self.inode);
        let rest = usize::try_from(offset).ok().and_then(|at| inode.now.get(at..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let length = lock(&self.inode).now.len();
        let growth = start.saturating_add(bytes.len()).saturating_sub(length);
        let count = lock(&self.disk.state).admit(as_u64(growth), bytes.len())?;
        let mut inode = lock(&self.inode);
        let end = start.saturating_add(count);
        if inode.now.len() < end {
            inode.now.resize(end, 0);
        }
        if let (Some(to), Some(from)) = (inode.now.get_mut(start..end), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        lock(&self.inode).now.resize(length, 0);
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(as_u64(lock(&self.inode).now.len()))
    }

    fn sync(&self) -> io::Result<()> {
        lock(&self.disk.state).count_sync()?;
        let mut inode = lock(&self.inode);
        inode.durable = inode.now.clone();
        Ok(())
    }
}

/// A small generator (SplitMix64): the same seed, the same faults, on every machine.
struct Dice(u64);

impl Dice {
    fn flip(&mut self) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) & 1 == 1
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn as_u64(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
