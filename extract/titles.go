package extract

// titles name the programs behind the engine ids, with the versions that are
// read.
var titles = map[string]string{
	"fluxbb":     "FluxBB 1.4 and 1.5, PunBB 1.2",
	"xenforo1":   "XenForo 1.0–1.5",
	"xenforo2":   "XenForo 2.0–2.3",
	"xenforo2vs": "VerticalScope's fork of XenForo 2",
	"phpbb3":     "phpBB 3.0–3.3",
	"smf":        "Simple Machines Forum 1.1, 2.0 and 2.1",
	"mybb":       "MyBB 1.6 and 1.8",
}

// Title is the program behind an engine id, with its versions.
func Title(engine string) string { return titles[engine] }
