//go:build race

package crawler_test

// underRace tells that the race detector is on: SQLite then takes eight times as
// long, and the largest tests are smaller.
const underRace = true
