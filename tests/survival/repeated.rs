//! The same thing happens fifty times.

use crate::package::seeded;
use crate::world::{DAY, START, World, came_before, key};
use carapace_engine::Reply;

const TIMES: usize = 50;

#[test]
fn what_comes_fifty_times_is_taken_in_once() {
    let (mut events, mut refused) = (0, 0);
    for (seed, package) in seeded(5) {
        let mut world = World::new(package, seed, START);
        for _ in 0..10 {
            world.live(&mut |_| {});
            let event = world.happen();
            if key(&event).is_none() {
                continue;
            }
            events += 1;
            assert_eq!(world.push(event.clone(), &mut |_| {}), Reply::Accepted);
            for _ in 1..TIMES {
                let before = world.journal.len();
                // The same id with another body is the same event.
                let mut other = event.clone();
                other.fields.insert("more".to_owned(), serde_json::json!(refused));
                assert!(came_before(&world.push(other, &mut |_| {})));
                assert_eq!(world.journal.len(), before, "nothing is written about it");
                refused += 1;
            }
            let mut world = world.after_power_loss(seed);
            for _ in 0..TIMES {
                assert!(came_before(&world.push(event.clone(), &mut |_| {})));
                refused += 1;
            }
            world.settle(&mut |_| {});
            world.pass(6 * DAY, &mut |_| {});
            assert!(came_before(&world.push(event.clone(), &mut |_| {})), "the window is a week");
            world.pass(2 * DAY, &mut |_| {});
            assert_eq!(world.push(event, &mut |_| {}), Reply::Accepted, "and no longer");
        }
    }
    println!("{events} events came once; {refused} repetitions started nothing");
    assert!(events > 50);
}
