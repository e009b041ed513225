//! Shares out room among parts that together may need more than there is.

/// What each of `needs` gets of `room`: who needs little gets all of it, the others get the same.
///
/// Guarantees: nobody gets more than it needs; together they get all of the room, or all they need.
pub fn shares(needs: &[usize], room: usize) -> Vec<usize> {
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
    fn who_needs_little_gets_all_of_it() {
        assert_eq!(shares(&[10, 200, 30], 100), [10, 60, 30]);
        assert_eq!(shares(&[500, 10, 500], 100), [45, 10, 45]);
        assert_eq!(shares(&[1, 2], 100), [1, 2]);
        assert_eq!(shares(&[], 100), [0_usize; 0]);
    }
}
