//go:build !race

package crawler_test

// underRace tells that the race detector is on.
const underRace = false
