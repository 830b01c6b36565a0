package dom

// cjkDate reads 2025年9月20日, 9月20日 and 2025년 9월 20일.
func (p *parser) cjkDate() (reading, bool) {
	year, month, day := 0, 0, 0
	for i := range p.toks {
		if p.at(i).kind != number {
			continue
		}
		switch p.at(i + 1).text {
		case "年", "년":
			year = p.toks[i].n
		case "月", "월":
			month = p.toks[i].n
		case "日", "일", "号", "號":
			day = p.toks[i].n
		}
	}
	if month > 0 && day == 0 && year == 0 {
		day, year = p.behindMonth()
	}
	if month == 0 || (day == 0 && year == 0) {
		return reading{}, false
	}
	if year > 0 && year < 100 {
		year += 2000
	}
	return p.date(year, month, day)
}

// behindMonth reads "2月 03, 2026", a Western order in these languages' words.
func (p *parser) behindMonth() (day, year int) {
	for i := range p.toks {
		t := p.at(i + 1).text
		if p.at(i).kind != number || t != "月" && t != "월" {
			continue
		}
		d, at := p.numberAfter(i + 1)
		y, _ := p.numberAfter(at)
		if isDay(d) && isYear(y) {
			return d.n, y.n
		}
	}
	return 0, 0
}
