//! The power goes between every pair of lines.

use crate::ledger::Count;
use crate::package::seeded;
use crate::world::{DAY, HOUR, START, World, came_before, key};
use carapace_engine::Reply;

/// How many things happen to each example.
const HAPPENINGS: usize = 24;

/// After every how-manieth line the world goes on for long.
const LONG: usize = 16;

#[test]
fn the_power_goes_between_every_pair_of_lines() {
    let (mut cuts, mut repeated, mut deliveries, mut twice) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut count = Count::default();
    for (seed, package) in seeded(1) {
        let mut world = World::new(package, seed, START);
        for _ in 0..HAPPENINGS {
            world.live(&mut |world| {
                cuts += 1;
                let mut after = world.after_power_loss(cuts);
                repeated += goes_on(&mut after);
                if world.journal.len() % LONG == 0 {
                    lives_on(&mut after);
                    count.add(after.ledger.count);
                    let (more, same) = after.platform.counted();
                    (deliveries, twice) = (deliveries + more, twice + same);
                }
            });
        }
    }
    println!(
        "{cuts} power cuts; {repeated} events brought again; {deliveries} deliveries, {twice} of them repeated"
    );
    println!("in the lives after the cuts: {count:?}");
    assert!(count.unknown > 0 && count.late > 0 && count.again > 100, "nothing was left in the dark");
    assert!(cuts > 1_000 && repeated > 1_000 && twice > 10, "the world was too quiet to show anything");
}

/// Channels bring again what was acknowledged, for they may not have heard it, and what was not: that is new, unless its
/// line was written.
fn goes_on(world: &mut World<'_>) -> u64 {
    let mut count = 0;
    for event in world.acknowledged.clone() {
        let reply = world.push(event, &mut |_| {});
        assert!(came_before(&reply), "it was acknowledged before the power went: {reply:?}");
        count += 1;
    }
    if let Some(event) = world.unanswered.take() {
        let known = key(&event).is_some_and(|key| world.ledger.knows(&key));
        let reply = world.push(event, &mut |_| {});
        assert!(if known { came_before(&reply) } else { reply == Reply::Accepted }, "{reply:?}");
        count += 1;
    }
    world.settle(&mut |_| {});
    // Channels say that this was all; some never do, and nobody waits for them for ever.
    if world.chance.percent(70) {
        world.caught_up();
    }
    count
}

/// More happens, the power goes again, and days pass.
fn lives_on(world: &mut World<'_>) {
    for _ in 0..4 {
        world.live(&mut |_| {});
    }
    let mut again = world.after_power_loss(7);
    again.settle(&mut |_| {});
    again.pass(HOUR, &mut |_| {});
    again.pass(3 * DAY, &mut |_| {});
    *world = again;
}
