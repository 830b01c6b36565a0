package dom

import (
	"time"
	_ "time/tzdata" // a page reads the same where the system has no zone data

	"forumine/extract/forum"
)

// LearnZoneName sets the site's zone by its IANA name, which keeps to summer
// time where an offset cannot, and reports it as learned. A name that no zone
// has, and a zone that the user has configured, leave the clock as it is; false
// says that the name is none.
func (k *Clock) LearnZoneName(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return false
	}
	k.learned.Zone, k.learned.ZoneSource = name, forum.ZoneCalibrated
	if k.zone != forum.ZoneConfigured {
		k.loc, k.zone, k.read = loc, forum.ZoneCalibrated, nil
	}
	return true
}
