package study

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// reName is what a site may be called: it stands in metrics, logs and commands.
var reName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]*$`)

// Check refuses what cannot work, all of it at once.
func (c *Config) Check() error {
	var errs []error
	if c.Version != 0 && c.Version != Version {
		errs = append(errs, fmt.Errorf("version %d is not known here: this forumine reads version %d", c.Version, Version))
	}
	if len(c.Sites) == 0 {
		errs = append(errs, errors.New("sites is empty: name at least one forum"))
	}
	names := map[string]bool{}
	for i, s := range c.Sites {
		if err := s.check(); err != nil {
			errs = append(errs, fmt.Errorf("sites[%d] %s: %w", i, s.Name, err))
		}
		if names[s.Name] {
			errs = append(errs, fmt.Errorf("sites[%d]: the name %s stands there twice: give each site its own", i, s.Name))
		}
		names[s.Name] = true
	}
	if c.Notify.WebhookFile != "" && len(c.Notify.Command) > 0 {
		errs = append(errs, errors.New("notify: webhook_file and command exclude one another"))
	}
	return errors.Join(errs...)
}

func (s *Site) check() error {
	if len(s.Start) == 0 {
		return errors.New("start is missing: name the addresses to start from")
	}
	for _, raw := range s.Start {
		if err := checkAddress(raw); err != nil {
			return err
		}
		if !strings.EqualFold(hostOf(raw), hostOf(s.Start[0])) {
			return fmt.Errorf("start: %s is of another host than %s: give it a site of its own", raw, s.Start[0])
		}
	}
	if !reName.MatchString(s.Name) {
		return fmt.Errorf("name %q is none: use letters, digits, and . _ : / -", s.Name)
	}
	if s.Timezone != "" {
		if err := checkZone(s.Timezone); err != nil {
			return fmt.Errorf("timezone: %w", err)
		}
	}
	if s.Audit.Share != nil && (*s.Audit.Share < 0 || *s.Audit.Share > 1) {
		return errors.New("audit.share is a share: give a number from 0 to 1")
	}
	return s.Schedule.check()
}

func checkAddress(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return fmt.Errorf("start: %q is no web address: give it in full, for example https://forum.example.org/", raw)
	case u.User != nil:
		return errors.New("start: the address carries a name or password: leave it out")
	}
	return nil
}

func checkZone(name string) error {
	if name == "Local" {
		return errors.New("the zone Local is another one on another machine: name it, for example Europe/Berlin")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return fmt.Errorf("%q is no time zone: give an IANA name, for example Europe/Berlin", name)
	}
	return nil
}

// In sets file names that are relative as seen from a folder: that of the file.
func (c *Config) In(dir string) {
	c.Storage.Data = within(dir, c.Storage.Data)
	c.Index.CAFile = within(dir, c.Index.CAFile)
	c.Privacy.KeyFile = within(dir, c.Privacy.KeyFile)
	c.Storage.Encryption.IdentityFile = within(dir, c.Storage.Encryption.IdentityFile)
	c.Notify.WebhookFile = within(dir, c.Notify.WebhookFile)
	for i := range c.Sites {
		s := &c.Sites[i]
		s.Cookies = within(dir, s.Cookies)
		profiles := make([]string, 0, len(s.Profile))
		for _, p := range s.Profile {
			if p != "none" { // forgets those that the data folder keeps
				p = within(dir, p)
			}
			profiles = append(profiles, p)
		}
		s.Profile = profiles
	}
}

func within(dir, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
