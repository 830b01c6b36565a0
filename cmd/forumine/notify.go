package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"forumine/cmd/forumine/study"
)

// envWebhook holds the address that events go to: whoever knows it may post.
const envWebhook = "FORUMINE_WEBHOOK"

// event is something that needs a person. Its JSON is described in
// docs/studies.md.
type event struct {
	Event   string           `json:"event"` // one of study.Events
	At      time.Time        `json:"at"`
	Site    string           `json:"site,omitempty"` // its name in the study
	Run     int64            `json:"run,omitempty"`
	Message string           `json:"message"`
	Counts  map[string]int64 `json:"counts,omitempty"` // of the run
	Config  string           `json:"config"`           // hash of the study's configuration
	Version string           `json:"version"`
}

// notifier calls a webhook or a command for events, one after the other, beside
// the crawl, which it never holds up.
type notifier struct {
	cfg     study.Notify
	webhook string
	client  *http.Client
	pause   time.Duration // before the first repetition; doubled with each
	log     *slog.Logger

	mu     sync.Mutex
	queue  chan event // nil when nobody is to be called, or no more
	ended  chan struct{}
	cancel context.CancelFunc
}

// waitingEvents is how many may wait; more are dropped, and said so in the log.
const waitingEvents = 100

// newNotifier reads whom to call.
func newNotifier(cfg study.Notify, log *slog.Logger) (*notifier, error) {
	n := &notifier{cfg: cfg, client: &http.Client{}, pause: time.Second, log: log}
	var err error
	if n.webhook, err = webhookOf(cfg); err != nil {
		return nil, err
	}
	if n.webhook != "" && len(cfg.Command) > 0 {
		return nil, misuse("notify.command and %s exclude one another", envWebhook)
	}
	if n.webhook == "" && len(cfg.Command) == 0 {
		return n, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.queue, n.ended, n.cancel = make(chan event, waitingEvents), make(chan struct{}), cancel
	go n.work(ctx, n.queue)
	return n, nil
}

// webhookOf reads the webhook's address, which never shows in a message.
func webhookOf(cfg study.Notify) (string, error) {
	raw, from := os.Getenv(envWebhook), envWebhook
	if cfg.WebhookFile != "" {
		if raw != "" {
			return "", misuse("notify.webhook_file and %s are both set: leave one out", envWebhook)
		}
		b, err := os.ReadFile(cfg.WebhookFile)
		if err != nil {
			return "", fmt.Errorf("reading notify.webhook_file: %w", plainPath(err))
		}
		raw, from = strings.TrimSpace(string(b)), "notify.webhook_file"
	}
	if raw == "" {
		return "", nil
	}
	if u, err := url.Parse(raw); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", misuse("%s holds no web address", from)
	}
	return raw, nil
}

// tell hands an event over; it never waits.
func (n *notifier) tell(e event) {
	if !slices.Contains(n.cfg.On, e.Event) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.queue == nil {
		return
	}
	select {
	case n.queue <- e:
	default:
		n.log.Warn("an event is dropped: too many wait for the webhook or the command", "event", e.Event, "site", e.Site)
	}
}

// close waits for the events that are under way, for a time.
func (n *notifier) close(wait time.Duration) {
	n.mu.Lock()
	queue := n.queue
	n.queue = nil
	n.mu.Unlock()
	if queue == nil {
		return
	}
	close(queue)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-n.ended:
	case <-timer.C:
		n.log.Warn("events that were under way are dropped: the process ends")
	}
	n.cancel()
	<-n.ended
}

func (n *notifier) work(ctx context.Context, queue <-chan event) {
	defer close(n.ended)
	for e := range queue {
		if err := n.send(ctx, e); err != nil {
			n.log.Warn("an event could not be told", "event", e.Event, "site", e.Site, "error", err)
		}
	}
}

// send tells one event, again after a while where that failed.
func (n *notifier) send(ctx context.Context, e event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding the event: %w", err)
	}
	pause := n.pause
	for try := int64(0); ; try++ {
		if err = n.once(ctx, body); err == nil || try >= *n.cfg.Retries || ctx.Err() != nil {
			return err
		}
		_ = wallClock{}.Until(ctx, time.Now().Add(pause))
		pause *= 2
	}
}

func (n *notifier) once(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Timeout.Duration)
	defer cancel()
	if n.webhook != "" {
		return n.post(ctx, body)
	}
	cmd := exec.CommandContext(ctx, n.cfg.Command[0], n.cfg.Command[1:]...)
	cmd.Stdin = io.MultiReader(bytes.NewReader(body), strings.NewReader("\n")) // a line, so that a log of them has lines
	cmd.WaitDelay = time.Second                                                // what it started itself may keep its output open
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running notify.command: %w", err)
	}
	return nil
}

// post sends the event. The client's errors name the address; ours do not.
func (n *notifier) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.webhook, bytes.NewReader(body))
	if err != nil {
		return errors.New("the webhook's address makes no request")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "forumine/"+version)
	res, err := n.client.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return fmt.Errorf("calling the webhook: %w", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("calling the webhook: it answers %d", res.StatusCode)
	}
	return nil
}
