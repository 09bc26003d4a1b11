package wire

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/neighbour"
	"sohoa/ingest/population"
	"sohoa/outbound"
	"sohoa/storage/sqldb"
)

// A Population is how the national population database is reached; without an address
// nobody is asked.
type Population struct {
	Address    string
	User       string
	SecretFile string
	XRoad      string // X-Road-Client; empty: none
	KeyFile    string // of an ApiKey; empty: none
	Agency     string // mã đơn vị
	Service    string // mã DVC
	Rate       string // questions a minute; empty: [neighbour.UsualChecks]
}

// readNational reads the settings of the national databases: SOHOA_PROCEDURES_URL,
// SOHOA_PROCEDURES_TOKEN_FILE, SOHOA_PROCEDURES_AGENCY, and SOHOA_POPULATION_URL,
// SOHOA_POPULATION_USER, SOHOA_POPULATION_SECRET_FILE, SOHOA_POPULATION_CLIENT,
// SOHOA_POPULATION_KEY_FILE, SOHOA_POPULATION_AGENCY, SOHOA_POPULATION_SERVICE,
// SOHOA_POPULATION_RATE.
func readNational(getenv func(string) string) (Procedures, Population) {
	p := func(name string) string { return getenv("SOHOA_POPULATION_" + name) }
	return Procedures{getenv("SOHOA_PROCEDURES_URL"), getenv("SOHOA_PROCEDURES_TOKEN_FILE"), getenv("SOHOA_PROCEDURES_AGENCY")},
		Population{p("URL"), p("USER"), p("SECRET_FILE"), p("CLIENT"), p("KEY_FILE"), p("AGENCY"), p("SERVICE"), p("RATE")}
}

// checkNational says what is wrong with where the national databases are.
func (s Settings) checkNational() error {
	if s.Procedures.Address != "" {
		if err := checkAddress("SOHOA_PROCEDURES_URL", s.Procedures.Address); err != nil {
			return err
		}
	}
	p := s.Population
	if p.Address == "" {
		return nil
	}
	if p.User == "" || p.SecretFile == "" {
		return fmt.Errorf("SOHOA_POPULATION_URL is set, and SOHOA_POPULATION_USER or SOHOA_POPULATION_SECRET_FILE is not")
	}
	if _, err := p.rate(); err != nil {
		return err
	}
	return checkAddress("SOHOA_POPULATION_URL", p.Address)
}

func (p Population) rate() (int, error) {
	n, err := strconv.Atoi(cmp.Or(p.Rate, strconv.Itoa(neighbour.UsualChecks)))
	if err != nil || n < 1 || n > neighbour.LargestCheck {
		return 0, fmt.Errorf("SOHOA_POPULATION_RATE is a number of questions a minute, from 1 to %d", neighbour.LargestCheck)
	}
	return n, nil
}

// populationWait is how long whoever stands at the counter waits for an answer.
const populationWait = 8 * time.Second

// populationDesk is what the pages stand on.
type populationDesk struct {
	*sqldb.DB
	client *population.Client // nil: nobody is asked
	rate   int
	now    func() time.Time
}

func (h *House) populationDesk() (d populationDesk, err error) {
	d.DB, d.now = h.DB, h.Settings.now
	p := h.Settings.Population
	if p.Address == "" {
		return d, nil
	}
	if d.rate, err = p.rate(); err != nil {
		return d, err
	}
	c := &population.Client{Address: p.Address, User: p.User, XRoad: p.XRoad, Agency: p.Agency, Service: p.Service, Now: h.Settings.now,
		HTTP: outbound.Client(outbound.HostOf(p.Address).Has, populationWait, nil)}
	if c.Secret, err = secretIn("SOHOA_POPULATION_SECRET_FILE", p.SecretFile); err != nil {
		return d, err
	}
	if p.KeyFile != "" {
		c.Key, err = secretIn("SOHOA_POPULATION_KEY_FILE", p.KeyFile)
	}
	d.client = c
	return d, err
}

// PopulationOn reports whether anybody may be asked.
func (d populationDesk) PopulationOn() bool { return d.client != nil }

// AskPopulation asks about somebody of a dossier. The question is entered before it is
// asked; the purpose of it is the case (giải quyết thủ tục).
func (d populationDesk) AskPopulation(ctx context.Context, c neighbour.Check, by dossier.Role, h dossier.Holder) (neighbour.Check, error) {
	c, err := d.AskingPopulation(ctx, c, by, dossier.ForHandling, d.rate)
	if err != nil {
		return c, err
	}
	c.Outcome, c.Said = d.client.Ask(ctx, population.Question{ID: strings.ReplaceAll(c.ID, "-", ""), Who: c.Who, Number: h.Number, Name: h.Name, Born: h.Born})
	whole := context.WithoutCancel(ctx) // who asked may be gone: what was answered is known all the same
	if err := d.ToldPopulation(whole, c, by, dossier.ForHandling); err != nil {
		return c, err
	}
	return c, d.Exchanged(whole, neighbour.Exchange{Name: neighbour.Population, At: d.now(), Said: c.Said})
}
