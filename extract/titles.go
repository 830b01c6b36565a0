package extract

// titles name the programs behind the engine ids, with the versions that are
// read.
var titles = map[string]string{
	"phpbb2":     "phpBB 2.0",
	"woltlab":    "WoltLab Burning Board 3 to 5, WoltLab Suite Forum 6",
	"vanilla":    "Vanilla Forums 2 and 3",
	"bbpress":    "bbPress 2",
	"punbb":      "PunBB 1.3 and 1.4",
	"vbulletin3": "vBulletin 3.0–3.9",
	"vbulletin4": "vBulletin 4.0–4.2",
	"vbulletin5": "vBulletin 5 and 6",
	"invision2":  "Invision Power Board 1.3 and 2",
	"invision3":  "IP.Board 3",
	"invision4":  "Invision Community 4",
	"invision5":  "Invision Community 5",
	"fluxbb":     "FluxBB 1.4 and 1.5, PunBB 1.2",
	"xenforo1":   "XenForo 1.0–1.5",
	"xenforo2":   "XenForo 2.0–2.3",
	"xenforo2vs": "VerticalScope's fork of XenForo 2",
	"phpbb3":     "phpBB 3.0–3.3",
	"smf":        "Simple Machines Forum 1.1, 2.0 and 2.1",
	"discourse":  "Discourse 1.x to 2026",
	"nodebb":     "NodeBB 1 to 4",
	"flarum":     "Flarum 0.1 to 2",
	"mybb":       "MyBB 1.6 and 1.8",
	"wpforo":     "wpForo 1 to 3",
	"discuz":     "Discuz! X2 to X5, 6 and 7",
	"gnuboard":   "Gnuboard 4 to 6",
	"pttweb":     "pttweb, the web pages of PTT's bulletin boards",
	"generic":    "any other forum, read by its structure",
}

// Title is the program behind an engine id, with its versions.
func Title(engine string) string { return titles[engine] }
