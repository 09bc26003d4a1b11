package csc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A call is one method of the API.
type call struct {
	method string
	auth   bool // with the access token
	safe   bool // asking twice does no harm
}

// tries is how often a safe call is made.
const tries = 3

// maxAnswer is the most bytes of an answer that are read.
const maxAnswer = 1 << 20

// said is an error that the service put into words (clause 10.1).
type said struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (e *said) Error() string {
	return fmt.Sprintf("%d %s %s", e.status, safeText(e.Code), safeText(e.Description))
}

// kind sorts what the service said.
func (e *said) kind() error {
	switch {
	case e.Code == "invalid_pin" || e.Code == "invalid_otp":
		return ErrPIN
	case e.status == http.StatusTooManyRequests || e.status >= 500:
		return ErrUnavailable
	}
	return ErrRefused
}

// call asks and reads the answer. A safe call is made again if the service was
// not there; any call is, if the connection was never made; and once if the
// access token had ended, which the service says before it does anything.
func (c *Credential) call(m call, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	defer clear(body) // it may hold a PIN
	fresh := false
	for try := 1; ; try++ {
		err := c.once(m, body, out)
		var s *said
		switch {
		case err == nil:
			return nil
		case m.auth && c.s.Client != "" && !fresh && errors.As(err, &s) && s.status == http.StatusUnauthorized:
			fresh = true
			c.mu.Lock()
			c.token = ""
			c.mu.Unlock()
			continue
		case try < tries && errors.Is(err, ErrUnavailable) && (m.safe || neverSent(err)):
			if err := pause(c.ctx, time.Duration(try)*200*time.Millisecond); err == nil {
				continue
			}
		}
		return fmt.Errorf("%s: %w", m.method, err)
	}
}

// neverSent reports whether no byte of a request can have reached the service.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Credential) once(m call, body []byte, out any) error {
	ctx, cancel := context.WithTimeout(c.ctx, c.s.Wait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.s.URL, "/")+"/"+m.method, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.GetBody = nil // nor is it sent again below us
	req.Header.Set("Content-Type", "application/json")
	if m.auth {
		token, err := c.access(ctx)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return c.do(req, out)
}

// access returns the access token: the bearer token of the settings, or one got
// with the client's credentials (RFC 6749, 4.4; clause 8.4.3).
func (c *Credential) access(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.secret == nil {
		return "", fmt.Errorf("%w: it was closed", ErrRefused)
	}
	if c.s.Client == "" {
		return string(c.secret), nil
	}
	if c.token != "" && c.s.Now != nil && c.s.Now().Before(c.until) {
		return c.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"service"}, "client_id": {c.s.Client}, "client_secret": {string(c.secret)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.oauth, "/")+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	if req.URL.Scheme != "https" && !strings.HasPrefix(c.s.URL, "http://") {
		return "", fmt.Errorf("%w: its authorization server is not at https", ErrAnswer)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var got struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int64  `json:"expires_in"`
	}
	if err := c.do(req, &got); err != nil {
		return "", fmt.Errorf("oauth2/token: %w", err)
	}
	if got.Token == "" || !strings.EqualFold(got.Type, "Bearer") {
		return "", fmt.Errorf("%w: no bearer token", ErrAnswer)
	}
	if c.token = got.Token; c.s.Now != nil && got.Expires > 60 {
		c.until = c.s.Now().Add(time.Duration(min(got.Expires, 1<<20)-30) * time.Second)
	}
	return c.token, nil
}

func (c *Credential) do(req *http.Request, out any) error {
	res, err := c.s.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case len(b) > maxAnswer:
		return fmt.Errorf("%w: more than %d bytes", ErrAnswer, maxAnswer)
	case res.StatusCode != http.StatusOK:
		s := &said{status: res.StatusCode}
		_ = json.Unmarshal(b, s) // else the status says enough
		return fmt.Errorf("%w: %w", s.kind(), s)
	}
	if media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return fmt.Errorf("%w: not JSON", ErrAnswer)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return nil
}
