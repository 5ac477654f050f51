//! The clock jumps: a day either way, and over the changes of daylight-saving time.

use crate::package::{packages, seeded};
use crate::world::{DAY, HOUR, START, World};

/// The changes of 2026 in the European Union: the last Sundays of March and October, 01:00 UTC.
const CHANGES: [i64; 2] = [1_774_746_000_000, 1_792_890_000_000];

#[test]
fn the_clock_jumps_a_day_either_way() {
    let mut jumps = 0;
    for (seed, package) in seeded(7) {
        let mut world = World::new(package, seed, START);
        for _ in 0..30 {
            world.live(&mut |_| {});
            if world.chance.percent(40) {
                world.now += if world.chance.percent(50) { DAY } else { -DAY };
                jumps += 1;
                if world.chance.percent(50) {
                    world = world.after_power_loss(jumps);
                }
                world.settle(&mut |_| {});
            }
        }
    }
    println!("{jumps} jumps of a day");
    assert!(jumps > 100);
}

#[test]
fn schedules_keep_the_local_time_over_daylight_saving() {
    // Those of the examples that run at a time of day in Berlin: minutes after midnight, and the days of the week.
    let daily =
        [("standup", "main.daily", 9 * 60 + 30, 1..=5), ("support_desk", "main.weekly", 9 * 60, 1..=1)];
    let mut slots = 0;
    for change in CHANGES {
        for (name, flow, minute, weekdays) in &daily {
            let package = packages().iter().find(|package| package.name == *name).unwrap();
            let mut world = World::new(package, 500, change - 9 * DAY);
            for hour in 0..18 * 24 {
                world.pass(HOUR, &mut |_| {});
                if hour % 31 == 0 {
                    world = world.after_power_loss(hour);
                    world.settle(&mut |_| {});
                }
            }
            let kept: Vec<i64> =
                world.ledger.slots.iter().filter(|(of, _)| **of == **flow).map(|(_, slot)| *slot).collect();
            let meant = meant(change - 9 * DAY, world.now, *minute, weekdays);
            assert_eq!(kept, meant, "{name}: each day once, at its local time");
            slots += kept.len();
        }
    }
    println!("{slots} slots at their local time, each once");
    assert!(slots > 20);
}

/// Every instant between the two at that minute of the day in Berlin, on these days of the week (Monday is 1).
fn meant(from: i64, to: i64, minute: i64, weekdays: &std::ops::RangeInclusive<i64>) -> Vec<i64> {
    let summer = |at: i64| (CHANGES[0]..CHANGES[1]).contains(&at);
    let minutes = (from / 60_000 + 1)..=(to / 60_000);
    let instants = minutes.map(|minute| minute * 60_000);
    let hits = |at: &i64| {
        let local = at + if summer(*at) { 2 * HOUR } else { HOUR };
        // The first of January 1970 was a Thursday.
        let weekday = (local.div_euclid(DAY) + 3).rem_euclid(7) + 1;
        local.rem_euclid(DAY) == minute * 60_000 && weekdays.contains(&weekday)
    };
    instants.filter(hits).collect()
}
