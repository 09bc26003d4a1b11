// Command op is an identity provider that judges web/oidc: zitadel/oidc, which the
// OpenID Foundation certified, with the storage of its own example. It is a module of
// its own, so that the product does not depend on it.
//
//	op PORT RETURN…
//
// It is at http://localhost:PORT/ and knows the client web (secret), who may come back
// to RETURN, and the person test-user@localhost, whose password is "verysecure".
package main

import (
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	port, issuer := os.Args[1], "http://localhost:"+os.Args[1]+"/"
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	storage.RegisterClients(storage.WebClient("web", "secret", os.Args[2:]...))
	handler := exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), log, false)
	log.Error("ended", "error", http.ListenAndServe("127.0.0.1:"+port, handler))
	os.Exit(1)
}
