package xf2

import "testing"

func TestProxied(t *testing.T) {
	for in, want := range map[string]string{
		"/proxy.php?image=https%3A%2F%2Fimg.example.org%2Fa.jpg%3Fw%3D2&hash=ab12":   "https://img.example.org/a.jpg?w=2",
		"https://f.example.org/proxy.php?link=http%3A%2F%2Fexample.com%2F&hash=ab12": "http://example.com/",
		"/proxy.php?image=javascript%3Aalert(1)&hash=x":                              "/proxy.php?image=javascript%3Aalert(1)&hash=x",
		"/proxy.php?%zz":                "/proxy.php?%zz",
		"https://img.example.org/a.jpg": "https://img.example.org/a.jpg",
	} {
		if got := Proxied(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestAttachmentID(t *testing.T) {
	for in, want := range map[string]string{
		"/attachments/chart-png.88/":                   "88",
		"/attachments/chart-png.88/?auto=webp&w=6.1":   "88",
		"index.php?attachments/chart-png.88/":          "88",
		"/attachments/88/":                             "88",
		"/data/attachments/0/88-ab12.jpg":              "",
		"/attachments/upload?type=post":                "",
		"https://example.org/threads/attachments-off/": "",
	} {
		if got := AttachmentID(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestSlugName(t *testing.T) {
	for _, c := range [][3]string{
		{"/attachments/ward-rota-png.88/", "88", "ward-rota.png"},
		{"/attachments/88/", "88", ""},
		{"/attachments/%C3%BCbersicht-pdf.7/", "7", "übersicht.pdf"},
	} {
		if got := slugName(c[0], c[1]); got != c[2] {
			t.Errorf("%s: %q, want %q", c[0], got, c[2])
		}
	}
}

func TestAttributed(t *testing.T) {
	for in, want := range map[string]string{"Nell Varga said:": "Nell Varga", "Inken schrieb:": "Inken", "Kit:": "Kit", "": ""} {
		if got := attributed(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
