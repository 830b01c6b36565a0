package robots

// Match tells whether a rule's path matches an address's path and query, as a
// line of robots.txt would (RFC 9309 §2.2.3): from the first octet on, "*" for any
// octets, a last "$" for the end.
func Match(path, pathAndQuery string) bool {
	return newPattern(path).matches(newTarget(pathAndQuery))
}
