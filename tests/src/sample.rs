//! Numbers measured several times.

/// Returns the median.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50.0)
}

/// Returns the smallest value that so many percent of all do not exceed.
pub fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len().max(1);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list of a few thousand"
    )]
    let rank = (percent / 100.0 * count as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_of_the_sample() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let shown = [1.0, 50.0, 99.0, 100.0].map(|percent| percentile(&values, percent));
        assert!(
            shown
                .iter()
                .zip([1.0, 50.0, 99.0, 100.0])
                .all(|(a, b)| (a - b).abs() < 1e-9)
        );
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!(median(&[]).is_nan());
    }
}
