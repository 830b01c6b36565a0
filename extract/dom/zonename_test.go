package dom

import (
	"testing"
	"time"

	"forumine/extract/forum"
)

func TestLearnZoneName(t *testing.T) {
	d := &Document{}
	c := forum.Capture{FetchedAt: time.Date(2024, 7, 14, 9, 0, 0, 0, time.UTC)}
	k := NewClock(c, forum.Facts{}, d)
	if k.LearnZoneName("Somewhere/Else") || k.LearnZoneName("") || k.LearnZoneName("Local") {
		t.Error("a name that no zone has was taken")
	}
	if !k.LearnZoneName("Europe/Berlin") {
		t.Fatal("the zone data is missing")
	}
	for text, want := range map[string]string{"2024-01-10 12:00": "11:00", "2024-07-10 12:00": "10:00"} {
		if st := k.Text(text); st.At.Format("15:04") != want || st.Zone != forum.ZoneCalibrated {
			t.Errorf("%s: %s (%s), want %s calibrated", text, st.At, st.Zone, want)
		}
	}
	if l := k.Learned(); l.Zone != "Europe/Berlin" || l.ZoneSource != forum.ZoneCalibrated {
		t.Errorf("learned %+v", l)
	}
	set := NewClock(c, forum.Facts{Zone: "UTC+05:00", ZoneSource: forum.ZoneConfigured}, d)
	set.LearnZoneName("Europe/Berlin")
	if st := set.Text("2024-01-10 12:00"); st.At.Format("15:04") != "07:00" {
		t.Errorf("a configured zone gave way: %s", st.At)
	}
}
