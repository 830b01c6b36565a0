package query

// foldRune is what a lower-case rune becomes without its accent, "" when it stays
// as it is. The pairs are those of Lucene's ASCIIFoldingFilter as Elasticsearch
// 8 applies it after lower-casing, so that both indexes agree on every word: its
// oddities (small capitals fold to capitals, Greek and Cyrillic stay) included.
//
//nolint:funlen // a table
func foldRune(r rune) string {
	switch r {
	case 0xFF01:
		return "!"
	case 0x203C:
		return "!!"
	case 0x2049:
		return "!?"
	case 0x00AB, 0x00BB, 0x201C, 0x201D, 0x201E, 0x2033, 0x2036, 0x275D, 0x275E, 0x276E, 0x276F, 0xFF02:
		return "\""
	case 0xFF03:
		return "#"
	case 0xFF04:
		return "$"
	case 0x2052, 0xFF05:
		return "%"
	case 0xFF06:
		return "&"
	case 0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x2035, 0x2039, 0x203A, 0x275B, 0x275C, 0xFF07:
		return "'"
	case 0x207D, 0x208D, 0x2768, 0x276A, 0xFF08:
		return "("
	case 0x2E28:
		return "(("
	case 0x2474:
		return "(1)"
	case 0x247D:
		return "(10)"
	case 0x247E:
		return "(11)"
	case 0x247F:
		return "(12)"
	case 0x2480:
		return "(13)"
	case 0x2481:
		return "(14)"
	case 0x2482:
		return "(15)"
	case 0x2483:
		return "(16)"
	case 0x2484:
		return "(17)"
	case 0x2485:
		return "(18)"
	case 0x2486:
		return "(19)"
	case 0x2475:
		return "(2)"
	case 0x2487:
		return "(20)"
	case 0x2476:
		return "(3)"
	case 0x2477:
		return "(4)"
	case 0x2478:
		return "(5)"
	case 0x2479:
		return "(6)"
	case 0x247A:
		return "(7)"
	case 0x247B:
		return "(8)"
	case 0x247C:
		return "(9)"
	case 0x249C:
		return "(a)"
	case 0x249D:
		return "(b)"
	case 0x249E:
		return "(c)"
	case 0x249F:
		return "(d)"
	case 0x24A0:
		return "(e)"
	case 0x24A1:
		return "(f)"
	case 0x24A2:
		return "(g)"
	case 0x24A3:
		return "(h)"
	case 0x24A4:
		return "(i)"
	case 0x24A5:
		return "(j)"
	case 0x24A6:
		return "(k)"
	case 0x24A7:
		return "(l)"
	case 0x24A8:
		return "(m)"
	case 0x24A9:
		return "(n)"
	case 0x24AA:
		return "(o)"
	case 0x24AB:
		return "(p)"
	case 0x24AC:
		return "(q)"
	case 0x24AD:
		return "(r)"
	case 0x24AE:
		return "(s)"
	case 0x24AF:
		return "(t)"
	case 0x24B0:
		return "(u)"
	case 0x24B1:
		return "(v)"
	case 0x24B2:
		return "(w)"
	case 0x24B3:
		return "(x)"
	case 0x24B4:
		return "(y)"
	case 0x24B5:
		return "(z)"
	case 0x207E, 0x208E, 0x2769, 0x276B, 0xFF09:
		return ")"
	case 0x2E29:
		return "))"
	case 0x204E, 0xFF0A:
		return "*"
	case 0x207A, 0x208A, 0xFF0B:
		return "+"
	case 0xFF0C:
		return ","
	case 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x207B, 0x208B, 0xFF0D:
		return "-"
	case 0xFF0E:
		return "."
	case 0x2044, 0xFF0F:
		return "/"
	case 0x2070, 0x2080, 0x24EA, 0x24FF, 0xFF10:
		return "0"
	case 0x00B9, 0x2081, 0x2460, 0x24F5, 0x2776, 0x2780, 0x278A, 0xFF11:
		return "1"
	case 0x2488:
		return "1."
	case 0x2469, 0x24FE, 0x277F, 0x2789, 0x2793:
		return "10"
	case 0x2491:
		return "10."
	case 0x246A, 0x24EB:
		return "11"
	case 0x2492:
		return "11."
	case 0x246B, 0x24EC:
		return "12"
	case 0x2493:
		return "12."
	case 0x246C, 0x24ED:
		return "13"
	case 0x2494:
		return "13."
	case 0x246D, 0x24EE:
		return "14"
	case 0x2495:
		return "14."
	case 0x246E, 0x24EF:
		return "15"
	case 0x2496:
		return "15."
	case 0x246F, 0x24F0:
		return "16"
	case 0x2497:
		return "16."
	case 0x2470, 0x24F1:
		return "17"
	case 0x2498:
		return "17."
	case 0x2471, 0x24F2:
		return "18"
	case 0x2499:
		return "18."
	case 0x2472, 0x24F3:
		return "19"
	case 0x249A:
		return "19."
	case 0x00B2, 0x2082, 0x2461, 0x24F6, 0x2777, 0x2781, 0x278B, 0xFF12:
		return "2"
	case 0x2489:
		return "2."
	case 0x2473, 0x24F4:
		return "20"
	case 0x249B:
		return "20."
	case 0x00B3, 0x2083, 0x2462, 0x24F7, 0x2778, 0x2782, 0x278C, 0xFF13:
		return "3"
	case 0x248A:
		return "3."
	case 0x2074, 0x2084, 0x2463, 0x24F8, 0x2779, 0x2783, 0x278D, 0xFF14:
		return "4"
	case 0x248B:
		return "4."
	case 0x2075, 0x2085, 0x2464, 0x24F9, 0x277A, 0x2784, 0x278E, 0xFF15:
		return "5"
	case 0x248C:
		return "5."
	case 0x2076, 0x2086, 0x2465, 0x24FA, 0x277B, 0x2785, 0x278F, 0xFF16:
		return "6"
	case 0x248D:
		return "6."
	case 0x2077, 0x2087, 0x2466, 0x24FB, 0x277C, 0x2786, 0x2790, 0xFF17:
		return "7"
	case 0x248E:
		return "7."
	case 0x2078, 0x2088, 0x2467, 0x24FC, 0x277D, 0x2787, 0x2791, 0xFF18:
		return "8"
	case 0x248F:
		return "8."
	case 0x2079, 0x2089, 0x2468, 0x24FD, 0x277E, 0x2788, 0x2792, 0xFF19:
		return "9"
	case 0x2490:
		return "9."
	case 0xFF1A:
		return ":"
	case 0x204F, 0xFF1B:
		return ";"
	case 0x276C, 0x2770, 0xFF1C:
		return "<"
	case 0x207C, 0x208C, 0xFF1D:
		return "="
	case 0x276D, 0x2771, 0xFF1E:
		return ">"
	case 0xFF1F:
		return "?"
	case 0x2048:
		return "?!"
	case 0x2047:
		return "??"
	case 0xFF20:
		return "@"
	case 'ᴀ':
		return "A"
	case 'ᴁ':
		return "AE"
	case 'ʙ', 'ᴃ':
		return "B"
	case 'ʗ', 'ᴄ':
		return "C"
	case 'ᴅ', 'ᴆ':
		return "D"
	case 'ᴇ', 0x2C7B:
		return "E"
	case 0xA730, 0xA7FB:
		return "F"
	case 'ǥ', 'ǧ', 'ɢ', 'ʛ':
		return "G"
	case 'ʜ':
		return "H"
	case 'ɪ', 'ᵻ', 0xA7FE:
		return "I"
	case 'ᴊ':
		return "J"
	case 'ᴋ':
		return "K"
	case 'ʟ', 'ᴌ':
		return "L"
	case 'ᴍ', 0xA7FD, 0xA7FF:
		return "M"
	case 'ɴ', 'ᴎ':
		return "N"
	case 'ᴏ', 'ᴐ':
		return "O"
	case 'ɶ':
		return "OE"
	case 'ᴕ':
		return "OU"
	case 'ᴘ':
		return "P"
	case 'ʀ', 'ʁ', 'ᴙ', 'ᴚ':
		return "R"
	case 0xA731, 0xA785:
		return "S"
	case 'ᴛ':
		return "T"
	case 'ᴜ', 'ᵾ':
		return "U"
	case 'ᴠ':
		return "V"
	case 'ᴡ':
		return "W"
	case 'ʏ':
		return "Y"
	case 'ᴢ':
		return "Z"
	case 0x2045, 0x2772, 0xFF3B:
		return "["
	case 0xFF3C:
		return "\\"
	case 0x2046, 0x2773, 0xFF3D:
		return "]"
	case 0x2038, 0xFF3E:
		return "^"
	case 0xFF3F:
		return "_"
	case 'à', 'á', 'â', 'ã', 'ä', 'å', 'ā', 'ă', 'ą', 'ǎ', 'ǟ', 'ǡ', 'ǻ', 'ȁ', 'ȃ', 'ȧ', 'ɐ', 'ə', 'ɚ',
		'ᶏ', 'ᶕ', 'ḁ', 'ẚ', 'ạ', 'ả', 'ấ', 'ầ', 'ẩ', 'ẫ', 'ậ', 'ắ', 'ằ', 'ẳ', 'ẵ', 'ặ', 'ₐ', 'ₔ',
		0x24D0, 0x2C65, 0xFF41:
		return "a"
	case 0xA733:
		return "aa"
	case 'æ', 'ǣ', 'ǽ', 'ᴂ':
		return "ae"
	case 0xA735:
		return "ao"
	case 0xA737:
		return "au"
	case 0xA739, 0xA73B:
		return "av"
	case 0xA73D:
		return "ay"
	case 'ƀ', 'ƃ', 'ɓ', 'ᵬ', 'ᶀ', 'ḃ', 'ḅ', 'ḇ', 0x24D1, 0xFF42:
		return "b"
	case 'ç', 'ć', 'ĉ', 'ċ', 'č', 'ƈ', 'ȼ', 'ɕ', 'ḉ', 0x2184, 0x24D2, 0xA73F, 0xFF43:
		return "c"
	case 'ð', 'ď', 'đ', 'ƌ', 'ȡ', 'ɖ', 'ɗ', 'ᵭ', 'ᶁ', 'ᶑ', 'ḋ', 'ḍ', 'ḏ', 'ḑ', 'ḓ', 0x24D3, 0xA77A,
		0xFF44:
		return "d"
	case 'ȸ':
		return "db"
	case 'ǆ', 'ǳ', 'ʣ', 'ʥ':
		return "dz"
	case 'è', 'é', 'ê', 'ë', 'ē', 'ĕ', 'ė', 'ę', 'ě', 'ǝ', 'ȅ', 'ȇ', 'ȩ', 'ɇ', 'ɘ', 'ɛ', 'ɜ', 'ɝ', 'ɞ',
		'ʚ', 'ᴈ', 'ᶒ', 'ᶓ', 'ᶔ', 'ḕ', 'ḗ', 'ḙ', 'ḛ', 'ḝ', 'ẹ', 'ẻ', 'ẽ', 'ế', 'ề', 'ể', 'ễ', 'ệ', 'ₑ',
		0x24D4, 0x2C78, 0xFF45:
		return "e"
	case 'ƒ', 'ᵮ', 'ᶂ', 'ḟ', 'ẛ', 0x24D5, 0xA77C, 0xFF46:
		return "f"
	case 0xFB00:
		return "ff"
	case 0xFB03:
		return "ffi"
	case 0xFB04:
		return "ffl"
	case 0xFB01:
		return "fi"
	case 0xFB02:
		return "fl"
	case 'ĝ', 'ğ', 'ġ', 'ģ', 'ǵ', 'ɠ', 'ɡ', 'ᵷ', 'ᵹ', 'ᶃ', 'ḡ', 0x24D6, 0xA77F, 0xFF47:
		return "g"
	case 'ĥ', 'ħ', 'ȟ', 'ɥ', 'ɦ', 'ʮ', 'ʯ', 'ḣ', 'ḥ', 'ḧ', 'ḩ', 'ḫ', 'ẖ', 0x24D7, 0x2C68, 0x2C76,
		0xFF48:
		return "h"
	case 'ƕ':
		return "hv"
	case 'ì', 'í', 'î', 'ï', 'ĩ', 'ī', 'ĭ', 'į', 'ı', 'ǐ', 'ȉ', 'ȋ', 'ɨ', 'ᴉ', 'ᵢ', 'ᵼ', 'ᶖ', 'ḭ', 'ḯ',
		'ỉ', 'ị', 'ⁱ', 0x24D8, 0xFF49:
		return "i"
	case 'ĳ':
		return "ij"
	case 'ĵ', 'ǰ', 'ȷ', 'ɉ', 'ɟ', 'ʄ', 'ʝ', 0x24D9, 0x2C7C, 0xFF4A:
		return "j"
	case 'ķ', 'ƙ', 'ǩ', 'ʞ', 'ᶄ', 'ḱ', 'ḳ', 'ḵ', 0x24DA, 0x2C6A, 0xA741, 0xA743, 0xA745, 0xFF4B:
		return "k"
	case 'ĺ', 'ļ', 'ľ', 'ŀ', 'ł', 'ƚ', 'ȴ', 'ɫ', 'ɬ', 'ɭ', 'ᶅ', 'ḷ', 'ḹ', 'ḻ', 'ḽ', 0x24DB, 0x2C61,
		0xA747, 0xA749, 0xA781, 0xFF4C:
		return "l"
	case 'ǉ':
		return "lj"
	case 'ỻ':
		return "ll"
	case 'ʪ':
		return "ls"
	case 'ʫ':
		return "lz"
	case 'ɯ', 'ɰ', 'ɱ', 'ᵯ', 'ᶆ', 'ḿ', 'ṁ', 'ṃ', 0x24DC, 0xFF4D:
		return "m"
	case 'ñ', 'ń', 'ņ', 'ň', 'ŉ', 'ŋ', 'ƞ', 'ǹ', 'ȵ', 'ɲ', 'ɳ', 'ᵰ', 'ᶇ', 'ṅ', 'ṇ', 'ṉ', 'ṋ', 'ⁿ',
		0x24DD, 0xFF4E:
		return "n"
	case 'ǌ':
		return "nj"
	case 'ò', 'ó', 'ô', 'õ', 'ö', 'ø', 'ō', 'ŏ', 'ő', 'ơ', 'ǒ', 'ǫ', 'ǭ', 'ǿ', 'ȍ', 'ȏ', 'ȫ', 'ȭ', 'ȯ',
		'ȱ', 'ɔ', 'ɵ', 'ᴖ', 'ᴗ', 'ᶗ', 'ṍ', 'ṏ', 'ṑ', 'ṓ', 'ọ', 'ỏ', 'ố', 'ồ', 'ổ', 'ỗ', 'ộ', 'ớ', 'ờ',
		'ở', 'ỡ', 'ợ', 'ₒ', 0x24DE, 0x2C7A, 0xA74B, 0xA74D, 0xFF4F:
		return "o"
	case 'œ', 'ᴔ':
		return "oe"
	case 0xA74F:
		return "oo"
	case 'ȣ':
		return "ou"
	case 'ƥ', 'ᵱ', 'ᵽ', 'ᶈ', 'ṕ', 'ṗ', 0x24DF, 0xA751, 0xA753, 0xA755, 0xA7FC, 0xFF50:
		return "p"
	case 'ĸ', 'ɋ', 'ʠ', 0x24E0, 0xA757, 0xA759, 0xFF51:
		return "q"
	case 'ȹ':
		return "qp"
	case 'ŕ', 'ŗ', 'ř', 'ȑ', 'ȓ', 'ɍ', 'ɼ', 'ɽ', 'ɾ', 'ɿ', 'ᵣ', 'ᵲ', 'ᵳ', 'ᶉ', 'ṙ', 'ṛ', 'ṝ', 'ṟ',
		0x24E1, 0xA75B, 0xA783, 0xFF52:
		return "r"
	case 'ś', 'ŝ', 'ş', 'š', 'ſ', 'ș', 'ȿ', 'ʂ', 'ᵴ', 'ᶊ', 'ṡ', 'ṣ', 'ṥ', 'ṧ', 'ṩ', 'ẜ', 'ẝ', 0x24E2,
		0xFF53:
		return "s"
	case 'ß':
		return "ss"
	case 0xFB06:
		return "st"
	case 'ţ', 'ť', 'ŧ', 'ƫ', 'ƭ', 'ț', 'ȶ', 'ʇ', 'ʈ', 'ᵵ', 'ṫ', 'ṭ', 'ṯ', 'ṱ', 'ẗ', 0x24E3, 0x2C66,
		0xFF54:
		return "t"
	case 'ʨ':
		return "tc"
	case 'þ', 'ᵺ', 0xA767:
		return "th"
	case 'ʦ':
		return "ts"
	case 0xA729:
		return "tz"
	case 'ù', 'ú', 'û', 'ü', 'ũ', 'ū', 'ŭ', 'ů', 'ű', 'ų', 'ư', 'ǔ', 'ǖ', 'ǘ', 'ǚ', 'ǜ', 'ȕ', 'ȗ', 'ʉ',
		'ᵤ', 'ᶙ', 'ṳ', 'ṵ', 'ṷ', 'ṹ', 'ṻ', 'ụ', 'ủ', 'ứ', 'ừ', 'ử', 'ữ', 'ự', 0x24E4, 0xFF55:
		return "u"
	case 'ᵫ':
		return "ue"
	case 'ʋ', 'ʌ', 'ᵥ', 'ᶌ', 'ṽ', 'ṿ', 0x24E5, 0x2C71, 0x2C74, 0xA75F, 0xFF56:
		return "v"
	case 0xA761:
		return "vy"
	case 'ŵ', 'ƿ', 'ʍ', 'ẁ', 'ẃ', 'ẅ', 'ẇ', 'ẉ', 'ẘ', 0x24E6, 0x2C73, 0xFF57:
		return "w"
	case 'ᶍ', 'ẋ', 'ẍ', 'ₓ', 0x24E7, 0xFF58:
		return "x"
	case 'ý', 'ÿ', 'ŷ', 'ƴ', 'ȳ', 'ɏ', 'ʎ', 'ẏ', 'ẙ', 'ỳ', 'ỵ', 'ỷ', 'ỹ', 'ỿ', 0x24E8, 0xFF59:
		return "y"
	case 'ź', 'ż', 'ž', 'ƶ', 'ȝ', 'ȥ', 'ɀ', 'ʐ', 'ʑ', 'ᵶ', 'ᶎ', 'ẑ', 'ẓ', 'ẕ', 0x24E9, 0x2C6C, 0xA763,
		0xFF5A:
		return "z"
	case 0x2774, 0xFF5B:
		return "{"
	case 0x2775, 0xFF5D:
		return "}"
	case 0x2053, 0xFF5E:
		return "~"
	}
	return ""
}
