// Package zns sends template messages of Zalo Notification Service: POST
// /message/template and GET /message/status of business.openapi.zalo.me, with tokens of
// oauth.zaloapp.com/v4/oa/access_token. What Zalo documents of it and what is not
// verified is in docs/neighbours.md.
package zns

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"sohoa/dossier/neighbour"
	"sohoa/dossier/notice"
	"sohoa/outbound"
	"sohoa/pattern"
)

// Addresses of Zalo.
const (
	API   = "https://business.openapi.zalo.me"
	OAuth = "https://oauth.zaloapp.com"
)

// A Token is what Zalo lets the house in with. A refresh token works once: the next pair
// must be kept before it is used.
type Token struct {
	Access  string    `json:"access,omitempty"`
	Refresh string    `json:"refresh"`
	Until   time.Time `json:"until,omitzero"`
	First   string    `json:"first,omitempty"` // digest of the token that somebody put into the file, from which it comes
}

// Tokens keep the token.
type Tokens interface {
	Token(ctx context.Context) (Token, error)
	KeepToken(ctx context.Context, t Token) error
}

// A Client speaks to Zalo.
type Client struct {
	API, OAuth string // addresses without a path
	App        string // number of the application
	Secret     string // of the application
	Tokens     Tokens
	HTTP       *http.Client // see package outbound
	Now        func() time.Time

	mu sync.Mutex // of the token: two refreshes at once would void it
}

// Name is who this is.
func (c *Client) Name() neighbour.Name { return neighbour.ZNS }

// Bounds of an answer, of the time for one, and how long before its end a token is
// refreshed.
const (
	mostAnswer = 64 << 10
	ahead      = 5 * time.Minute
)

// Request is the body of POST /message/template.
type Request struct {
	Phone    string            `json:"phone"` // 84 and nine digits
	Template string            `json:"template_id"`
	Data     map[string]string `json:"template_data"`
	Tracking string            `json:"tracking_id"` // of the house: the notice's id
}

// answer is that of every call; Zalo says 200 also of what failed.
type answer struct {
	Error   int    `json:"error"`
	Message string `json:"message"`
	Data    struct {
		ID     string      `json:"msg_id"`
		Status json.Number `json:"status"` // 1: delivered; 0: not yet; -1: no such message
	} `json:"data"`
}

// Send sends a message.
func (c *Client) Send(ctx context.Context, address string, m notice.Message) notice.Outcome {
	body, err := json.Marshal(Request{address, m.Subject, m.Params, m.ID})
	if err != nil {
		return notice.Outcome{Word: notice.Refused, Final: true}
	}
	a, word := c.call(ctx, http.MethodPost, "/message/template", body)
	switch {
	case word != "":
		return notice.Outcome{Word: word}
	case a.Error != 0:
		return c.failed(a.Error)
	case !messageID().MatchString(a.Data.ID):
		return notice.Outcome{Word: notice.Away} // no answer that says so
	}
	return notice.Outcome{Remote: a.Data.ID}
}

var messageID = pattern.Late(`^[A-Za-z0-9._:-]{1,100}$`)

// Arrived reports whether a message arrived. The telephone number, which is optional
// there, is not said: it would stand in an address.
func (c *Client) Arrived(ctx context.Context, remote string) (bool, string) {
	a, word := c.call(ctx, http.MethodGet, "/message/status?message_id="+url.QueryEscape(remote), nil)
	return word == "" && a.Error == 0 && a.Data.Status == "1", word
}

// failed is what an error of Zalo's table means for a notice (Bảng mã lỗi ZNS).
func (c *Client) failed(code int) notice.Outcome {
	switch code {
	case -108, -110, -114, -118, -119, -134: // no number, no account, an old program, cannot be told
		return notice.Outcome{Word: notice.Address, Final: true}
	case -139, -141: // they want none of this kind, or of this account
		return notice.Outcome{Word: notice.Unwanted, Final: true}
	case -133: // not between 22 and 6
		return notice.Outcome{Word: notice.Night, Wait: notice.Quiet{From: 22 * time.Hour, To: 6 * time.Hour}.Wait(c.Now()) + time.Minute}
	case -144, -147, -1441: // as many as may be in a day
		return notice.Outcome{Word: notice.Limit, Wait: 6 * time.Hour}
	case -100:
		return notice.Outcome{Word: notice.Away}
	case -115, -126, -137: // the account is empty: a person fills it
		return notice.Outcome{Word: notice.Limit}
	}
	return notice.Outcome{Word: notice.Refused, Final: true} // the application, the template, what it is filled with
}

// expired reports whether an answer says that the access token is none (any more).
func expired(status, code int) bool {
	return status == http.StatusUnauthorized || code == -124 || code == -216
}

// call calls, with a new token if Zalo says that the old one is over: once.
func (c *Client) call(ctx context.Context, method, path string, body []byte) (a answer, word string) {
	stale := ""
	for range 2 {
		token, err := c.token(ctx, stale)
		switch {
		case errors.Is(err, outbound.ErrClosed):
			return a, notice.Closed
		case errors.Is(err, errToken):
			return a, notice.Token
		case err != nil:
			return a, notice.Away
		}
		status, err := c.do(ctx, method, c.API+path, http.Header{"Content-Type": {"application/json"}, "access_token": {token}}, body, &a)
		switch {
		case errors.Is(err, outbound.ErrClosed):
			return a, notice.Closed
		case expired(status, a.Error):
			stale, a = token, answer{}
			continue
		case err != nil || status/100 != 2:
			return a, notice.Away
		}
		return a, ""
	}
	return a, notice.Token
}

var (
	errAnswer = errors.New("no answer that can be read")
	errToken  = errors.New("no new token was given")
)

func (c *Client) do(ctx context.Context, method, address string, header http.Header, body []byte, into any) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header = header
	res, err := c.HTTP.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	if err != nil || len(b) > mostAnswer || json.Unmarshal(b, into) != nil {
		return res.StatusCode, errAnswer
	}
	return res.StatusCode, nil
}

// token returns an access token that is not the stale one. Others wait meanwhile.
func (c *Client) token(ctx context.Context, stale string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.Tokens.Token(ctx)
	if err != nil {
		return "", err
	}
	if t.Access != "" && t.Access != stale && c.Now().Add(ahead).Before(t.Until) {
		return t.Access, nil
	}
	if t, err = c.refresh(ctx, t); err != nil {
		return "", err
	}
	return t.Access, nil
}

// refresh gets the next pair and keeps it before anybody uses it. What failed may be a
// 200 too, with a word of what was wrong.
func (c *Client) refresh(ctx context.Context, t Token) (Token, error) {
	var got struct {
		Access  string      `json:"access_token"`
		Refresh string      `json:"refresh_token"`
		Expires json.Number `json:"expires_in"` // seconds; Zalo writes it as text
	}
	form := url.Values{"refresh_token": {t.Refresh}, "app_id": {c.App}, "grant_type": {"refresh_token"}}
	status, err := c.do(ctx, http.MethodPost, c.OAuth+"/v4/oa/access_token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "secret_key": {c.Secret}}, []byte(form.Encode()), &got)
	if err != nil || status >= 500 {
		return t, errors.Join(errAnswer, err)
	}
	seconds, err := strconv.Atoi(got.Expires.String())
	if err != nil || status != http.StatusOK || got.Access == "" || got.Refresh == "" || seconds <= 0 {
		return t, errToken
	}
	next := Token{Access: got.Access, Refresh: got.Refresh, Until: c.Now().Add(time.Duration(seconds) * time.Second), First: t.First}
	return next, c.Tokens.KeepToken(ctx, next)
}
