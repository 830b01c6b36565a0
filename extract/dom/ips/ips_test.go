package ips

import "testing"

func TestUploadName(t *testing.T) {
	for href, want := range map[string]string{
		"//c.example/m/plan.v2.pdf.0123456789abcdef0123456789abcdef.pdf": "plan.v2.pdf",
		"//c.example/m/photo.jpg.0123456789abcdef0123456789abcdef.jpg":   "photo.jpg",
		"//c.example/m/photo.jpg":         "",
		"//c.example/attachment.php?id=3": "",
	} {
		if got := uploadName(href); got != want {
			t.Errorf("%s: %q, want %q", href, got, want)
		}
	}
}

func TestRankName(t *testing.T) {
	for badge, want := range map[string]string{"Rank: Explorer (4/14)": "Explorer", "Rang : Vieux (de la vieille) (2/9)": "Vieux (de la vieille)", "Collaborator": "Collaborator"} {
		if got := rankName(badge); got != want {
			t.Errorf("%s: %q, want %q", badge, got, want)
		}
	}
}
