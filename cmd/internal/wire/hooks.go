package wire

import (
	"context"

	"sohoa/dossier/hook"
	"sohoa/outbound"
	"sohoa/report/hooks"
	"sohoa/web"
)

// calls reads which hosts may be called.
func calls(hosts, private string) hook.Allowed {
	return hook.Allowed{Hosts: outbound.ParseHosts(hosts), Private: private == "1"}
}

// tellHooks tells other systems what happens until ctx ends, if any host may be called.
// What came of it is logged as a count.
func (h *House) tellHooks(ctx context.Context) error {
	if len(h.Settings.Calls.Hosts) == 0 {
		<-ctx.Done() // nobody is told
		return nil
	}
	signer, err := h.Ledger.signer()
	if err != nil {
		return err
	}
	s := &hooks.Sender{Rows: h.DB, Allowed: h.Settings.Calls, Source: "urn:sohoa:" + signer.Name(), Client: hooks.Client(h.Settings.Calls, nil), Now: h.Settings.now,
		Open: func(id, kept string) (string, error) {
			b, err := web.KeptSecret(h.vault, web.HookOwner(id), kept)
			return string(b), err
		}}
	return s.Run(ctx, func(n int, err error) {
		if err != nil {
			h.Log.ErrorContext(ctx, "hooks not told", "err", err)
		} else {
			h.Log.InfoContext(ctx, "hooks told", "events", n)
		}
	})
}
