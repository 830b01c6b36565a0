package accuracy

import "math"

// Method names how intervals are made, for a methods section.
const Method = "Clopper–Pearson (exact binomial) 95 % intervals"

// confidence is that of the intervals.
const confidence = 0.95

// Interval gives the Clopper–Pearson interval for a share, of which right of n
// were seen: the shares that a two-sided exact binomial test at 5 % does not
// reject (Clopper and Pearson 1934). It covers the true share with a probability
// of at least 95 %, whatever that share is.
func Interval(right, n int) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	tail := (1 - confidence) / 2
	low, high = 0, 1
	if right > 0 { // the share at which right or more are as rare as the tail
		low = solve(func(p float64) float64 { return atMost(n-right, n, 1-p) - tail })
	}
	if right < n { // the share at which right or fewer are
		high = solve(func(p float64) float64 { return tail - atMost(right, n, p) })
	}
	return low, high
}

// solve finds where a rising function passes zero between 0 and 1.
func solve(f func(float64) float64) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		mid := (low + high) / 2
		if f(mid) < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// atMost is the probability of k or fewer successes in n trials.
func atMost(k, n int, p float64) float64 {
	switch {
	case p <= 0:
		return 1
	case p >= 1:
		if k >= n {
			return 1
		}
		return 0
	}
	sum := 0.0
	for i := 0; i <= k; i++ {
		sum += math.Exp(choose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(sum, 1)
}

// choose is the logarithm of a binomial coefficient.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
