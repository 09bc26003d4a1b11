package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"sohoa/dossier/digest"
	"sohoa/dossier/neighbour"
	words "sohoa/dossier/notice"
	"sohoa/outbound"
	"sohoa/report/notice"
	"sohoa/report/notice/mail"
	"sohoa/report/notice/zns"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// A ZNS is how Zalo lets the house in; without an application it is off.
type ZNS struct {
	App        string
	SecretFile string
	TokenFile  string // with the first refresh token
	API, OAuth string // where Zalo is; empty: where it is
}

// A Mail is the relay that takes e-mail; without an address it is off.
type Mail struct {
	Relay        string // HOST:PORT
	From         string
	User         string
	PasswordFile string
	Roots        string // file of certificates in PEM; empty: the system's
}

// readNotices reads the settings of notices: SOHOA_ZNS_APP, SOHOA_ZNS_SECRET_FILE,
// SOHOA_ZNS_TOKEN_FILE, SOHOA_ZNS_URL, SOHOA_ZNS_OAUTH_URL, and SOHOA_SMTP, SOHOA_SMTP_FROM,
// SOHOA_SMTP_USER, SOHOA_SMTP_PASSWORD_FILE, SOHOA_SMTP_CA_FILE.
func readNotices(getenv func(string) string) (ZNS, Mail) {
	return ZNS{getenv("SOHOA_ZNS_APP"), getenv("SOHOA_ZNS_SECRET_FILE"), getenv("SOHOA_ZNS_TOKEN_FILE"), getenv("SOHOA_ZNS_URL"), getenv("SOHOA_ZNS_OAUTH_URL")},
		Mail{getenv("SOHOA_SMTP"), getenv("SOHOA_SMTP_FROM"), getenv("SOHOA_SMTP_USER"), getenv("SOHOA_SMTP_PASSWORD_FILE"), getenv("SOHOA_SMTP_CA_FILE")}
}

// checkNotices says what is missing of a channel that is switched on.
func (s Settings) checkNotices() error {
	var wrong []error
	add := func(when bool, why string) {
		if when {
			wrong = append(wrong, errors.New(why))
		}
	}
	z, m := s.ZNS, s.Mail
	add((z.App != "" || m.Relay != "") && s.Origin == "", "people who are told of their dossiers opt out by a link: SOHOA_ORIGIN is needed with SOHOA_ZNS_APP and SOHOA_SMTP")
	add(z.App != "" && (z.SecretFile == "" || z.TokenFile == ""), "SOHOA_ZNS_APP is set, and SOHOA_ZNS_SECRET_FILE or SOHOA_ZNS_TOKEN_FILE is not")
	for name, address := range map[string]string{"SOHOA_ZNS_URL": z.API, "SOHOA_ZNS_OAUTH_URL": z.OAuth} {
		if address != "" {
			wrong = append(wrong, checkAddress(name, address))
		}
	}
	if m.Relay != "" {
		_, _, err := net.SplitHostPort(m.Relay)
		add(err != nil, "SOHOA_SMTP is HOST:PORT")
		_, err = netmail.ParseAddress(m.From)
		add(err != nil, "SOHOA_SMTP_FROM is an address, or NAME <ADDRESS>")
		add((m.User == "") != (m.PasswordFile == ""), "SOHOA_SMTP_USER and SOHOA_SMTP_PASSWORD_FILE go together")
	}
	return errors.Join(wrong...)
}

// checkAddress says what is wrong with an address that is called: https, or this machine.
func checkAddress(name, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname())) {
		return fmt.Errorf("%s is an address of https, or of this machine", name)
	}
	return nil
}

// secretIn reads the secret of a file.
func secretIn(name, path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if text := strings.TrimSpace(string(b)); text != "" {
		return text, nil
	}
	return "", fmt.Errorf("%s: the file is empty", name)
}

// noticeChannels are those that are switched on.
func (s Settings) noticeChannels() (on []words.Channel) {
	if s.ZNS.App != "" {
		on = append(on, words.ZNS)
	}
	if s.Mail.Relay != "" {
		on = append(on, words.Mail)
	}
	return on
}

// tellPeople tells people how their dossiers stand until ctx ends, if a channel is
// switched on. What came of it is logged as counts.
func (h *House) tellPeople(ctx context.Context) error {
	channels := map[words.Channel]notice.Channel{}
	for _, name := range h.Settings.noticeChannels() {
		open := map[words.Channel]func() (notice.Channel, error){words.ZNS: h.openZNS, words.Mail: h.openMail}[name]
		var err error
		if channels[name], err = open(); err != nil {
			return err
		}
	}
	if len(channels) == 0 {
		<-ctx.Done() // nobody is told
		return nil
	}
	s := &notice.Sender{Rows: h.DB, Channels: channels, Stop: notice.Stops(h.Settings.Origin), Now: h.Settings.now, Open: func(id, kept string) (string, error) {
		b, err := web.KeptSecret(h.vault, web.ContactOwner(id), kept)
		return string(b), err
	}}
	return s.Run(ctx, func(c notice.Count, err error) {
		if err != nil {
			h.Log.ErrorContext(ctx, "people not told", "err", err)
		} else {
			h.Log.InfoContext(ctx, "people told", "sent", c.Sent, "failed", c.Failed)
		}
	})
}

func (h *House) openMail() (notice.Channel, error) {
	m := h.Settings.Mail
	u, err := url.Parse(h.Settings.Origin)
	if err != nil {
		return nil, err
	}
	r := &mail.Relay{Address: m.Relay, From: m.From, Hello: u.Hostname(), User: m.User, Now: h.Settings.now}
	if m.PasswordFile != "" {
		if r.Password, err = secretIn("SOHOA_SMTP_PASSWORD_FILE", m.PasswordFile); err != nil {
			return nil, err
		}
	}
	if m.Roots != "" {
		b, err := os.ReadFile(m.Roots)
		if err != nil {
			return nil, fmt.Errorf("SOHOA_SMTP_CA_FILE: %w", err)
		}
		r.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
		if !r.TLS.RootCAs.AppendCertsFromPEM(b) {
			return nil, errors.New("SOHOA_SMTP_CA_FILE holds no certificate")
		}
	}
	return r, nil
}

func (h *House) openZNS() (notice.Channel, error) {
	z := h.Settings.ZNS
	c := &zns.Client{API: zns.API, OAuth: zns.OAuth, App: z.App, Now: h.Settings.now}
	var named outbound.Hosts // inside may be called only what the settings name
	if z.API != "" {
		c.API, named = strings.TrimSuffix(z.API, "/"), append(named, outbound.HostOf(z.API)...)
	}
	if z.OAuth != "" {
		c.OAuth, named = strings.TrimSuffix(z.OAuth, "/"), append(named, outbound.HostOf(z.OAuth)...)
	}
	c.HTTP = outbound.Client(named.Has, 15*time.Second, nil)
	var err error
	if c.Secret, err = secretIn("SOHOA_ZNS_SECRET_FILE", z.SecretFile); err != nil {
		return nil, err
	}
	first, err := secretIn("SOHOA_ZNS_TOKEN_FILE", z.TokenFile)
	c.Tokens = &znsTokens{h.DB, h.vault, first}
	return c, err
}

// znsTokens keep Zalo's tokens in a row, sealed if the store is. A token that somebody
// put into the file since is where it begins anew.
type znsTokens struct {
	db    *sqldb.DB
	vault web.Vault
	first string
}

const znsOwner = "neighbour zns"

func (k *znsTokens) Token(ctx context.Context) (t zns.Token, err error) {
	begin := zns.Token{Refresh: k.first, First: digest.Of([]byte(k.first)).String()}
	kept, err := k.db.Kept(ctx, neighbour.ZNS)
	if err != nil || kept == "" {
		return begin, err
	}
	b, err := web.KeptSecret(k.vault, znsOwner, kept)
	if err == nil {
		err = json.Unmarshal(b, &t)
	}
	if err == nil && t.First != begin.First {
		t = begin
	}
	return t, err
}

func (k *znsTokens) KeepToken(ctx context.Context, t zns.Token) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	kept, err := web.KeepSecret(k.vault, znsOwner, b)
	if err != nil {
		return err
	}
	return k.db.Keep(ctx, neighbour.ZNS, kept)
}

// neighbours says how the systems stand that the house joins.
func (h *House) neighbours(ctx context.Context) (list []web.Neighbour, err error) {
	s := h.Settings
	host := func(address string) string { return strings.Join(outbound.HostOf(address), "") }
	for _, c := range []struct {
		name    neighbour.Name
		channel words.Channel
		on      bool
		where   string
	}{{neighbour.ZNS, words.ZNS, s.ZNS.App != "", "Zalo"}, {neighbour.Mail, words.Mail, s.Mail.Relay != "", s.Mail.Relay}} {
		n := web.Neighbour{On: c.on, Where: c.where}
		if n.Exchange, err = h.DB.Exchange(ctx, c.name); err != nil {
			return nil, err
		}
		if n.Waiting, n.Dead, err = h.DB.NoticeCounts(ctx, c.channel); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	portal := web.Neighbour{Exchange: neighbour.Exchange{Name: "portal"}, On: s.Portal.Address != "", Where: host(s.Portal.Address)}
	if portal.At, portal.OK, portal.Said, portal.Waiting, err = h.DB.DeliveriesStand(ctx); err != nil {
		return nil, err
	}
	joined, err := h.oneStopStands(ctx)
	if err != nil {
		return nil, err
	}
	told, err := h.stands(ctx, neighbour.Procedures, s.Procedures.Address, "/admin/national")
	if err != nil {
		return nil, err
	}
	people, err := h.stands(ctx, neighbour.Population, s.Population.Address, "")
	if err != nil {
		return nil, err
	}
	told.Exchange.Name, people.Exchange.Name = neighbour.Procedures, neighbour.Population
	list = append(list, joined, told, people)
	hooks := web.Neighbour{Exchange: neighbour.Exchange{Name: "hooks"}, On: len(s.Calls.Hosts) > 0, Where: strings.Join(s.Calls.Hosts, ", "), Page: "/admin/hooks"}
	all, err := h.DB.Hooks(ctx)
	for _, x := range all {
		hooks.Waiting, hooks.Dead = hooks.Waiting+x.Waiting, hooks.Dead+x.Dead
	}
	return append(list, portal, hooks), err
}
