//! Divides room between parts that together may need more than there is.

/// What each of `needs` gets of `room`: small needs are met, and the others get equal parts of the rest.
///
/// Guarantees: no part gets more than it needs; together they get all of the room, or all that they need.
pub fn allocate(needs: &[usize], room: usize) -> Vec<usize> {
    let mut shares = vec![0; needs.len()];
    let mut order: Vec<usize> = (0..needs.len()).collect();
    order.sort_by_key(|&n| needs[n]);
    let mut left = room;
    for (served, &n) in order.iter().enumerate() {
        let share = needs[n].min(left / (needs.len() - served));
        shares[n] = share;
        left -= share;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_need_is_met_and_the_rest_is_divided() {
        assert_eq!(allocate(&[10, 200, 30], 100), [10, 60, 30]);
        assert_eq!(allocate(&[500, 10, 500], 100), [45, 10, 45]);
        assert_eq!(allocate(&[1, 2], 100), [1, 2]);
        assert_eq!(allocate(&[], 100), [0_usize; 0]);
    }
}
