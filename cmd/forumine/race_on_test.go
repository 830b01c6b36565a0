//go:build race

package main

// underRace tells that the race detector is on: SQLite then takes eight times as
// long, and the tests that start the whole program run a few cases only.
const underRace = true
