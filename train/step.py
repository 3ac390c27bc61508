"""The game: one step in which the selector hides bugs, the detector looks for them, and both learn."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..detector.loss import detector_loss, focused, search_loss
from ..graph.pack import Packed
from ..models.batch import Batch, mutate
from ..models.config import NetworkConfig
from ..models.network import Network
from ..models.segments import LOW
from ..selector.learned import Selector, learned_log_p
from ..selector.loss import HOPELESS, REWARDS, reward, selector_loss
from ..selector.sampling import draw, draw_more, injectable
from .prior import KINDS, prior_log_p
from .replicas import Replicas


@dataclass
class GameConfig:
    """The rules of the game and how both players learn.  Rates are Adam's; lengths are steps."""

    selector: str = "learned"
    """learned, or uniform: bugs at random, of ``kinds``"""
    selector_share: float = 0.8
    """share of the mutants that the learned selector draws; the others are drawn at random, of ``kinds``"""
    selector_hidden: int = 64
    selector_rate: float = 3e-3
    leash: float = 2.5
    """nats that the selector must expect to earn with a bug to play it e times as often as the prior; fitted to real bugs"""
    weighted: bool = False
    """weigh each bug by exp((trouble - what the selector expected) / leash), as if all had been expected rightly"""
    reward: str = "trouble"
    """what the selector earns: trouble, the detector's loss; or middling, most for bugs that are found half of the time"""
    kinds: str = "fixes"
    """of the bugs that no player chooses: fixes, as likely as real fixes say; real, rules near their shares among real fixes;
    level, all rules alike; every, all rewrites alike"""
    linted: bool = False
    """hide bugs too that linters find"""
    mutants: int = 1
    """bugs drawn for each function, one after the other, in one step"""
    crowd: float = 0.0
    """hide further bugs beside the one, one for every so many sites of the function, until the rate begins to fall, so that one
    pass teaches more (as ELECTRA learns from all tokens: Clark et al. 2020, section 3.3); 0 = never"""
    focal: float = 0.0
    """exponent of the focal loss on the detector's gate; 0 = plain log loss"""
    rate: float = 1e-3
    warmup: int = 200
    decay_from: float = 0.6
    """part of the run after which the rate falls to zero, linearly"""
    weight_decay: float = 0.01
    clip: float = 1.0
    """largest norm of the gradient"""
    average: float = 0.999
    """decay of the running average of the detector's weights, which is what is evaluated and exported"""
    clean_weight: float = 1.0
    """weight of clean twins beside mutants in the detector's loss"""


@dataclass(frozen=True, slots=True)
class Round:
    """The bugs of one pass [bugs], without gradients: one for each graph, and behind those a crowd."""

    option: Tensor
    """what was selected"""
    planted: Tensor
    """whether that is a bug; padding and functions without a rewrite have none"""
    by_selector: Tensor
    """whether the learned selector drew it"""
    trouble: Tensor
    """-log p(its repair) by the detector"""
    alarm: Tensor
    """[graphs] whether the detector would say something"""
    loss: Tensor
    """[] what the detector paid, on average"""


class Game:
    """Both players, their optimisers and the dice.  ``step`` plays one batch.

    Among several ``replicas`` each has its own graphs and dice; losses and metrics are parts whose sum over all is the whole.
    """

    def __init__(
        self,
        network: NetworkConfig,
        config: GameConfig,
        device: torch.device,
        seed: int = 0,
        bf16: bool = False,
        replicas: Replicas | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.config = config
        self.device = device
        self.bf16 = bf16
        self.replicas = replicas or Replicas()
        self.detector = Network(network).to(device)
        self.average = {name: value.detach().clone() for name, value in self.detector.state_dict().items()}
        self.detector_optimiser = _adam(self.detector, config.rate, config.weight_decay)
        self.selector: Selector | None = None
        self.selector_optimiser: torch.optim.AdamW | None = None
        if config.selector == "learned":
            self.selector = Selector(config.selector_hidden).to(device)
            self.selector_optimiser = _adam(self.selector, config.selector_rate, config.weight_decay)
        elif config.selector != "uniform":
            raise ValueError(f"game.selector is {config.selector!r}; it can be learned or uniform")
        for name, value, known in (("reward", config.reward, REWARDS), ("kinds", config.kinds, KINDS)):
            if value not in known:
                raise ValueError(f"game.{name} is {value!r}; it can be {', '.join(known)}")
        if config.mutants < 1 or config.leash <= 0 or min(config.focal, config.crowd) < 0:
            raise ValueError("game.mutants must be at least 1, game.leash above 0, game.focal and game.crowd at least 0")
        self.dice = torch.Generator().manual_seed(seed + 1_000_003 * self.replicas.rank)
        if self.replicas.rank:  # dropout differs too, once all have the same weights
            torch.manual_seed(self.dice.initial_seed())
        self.steps = 0

    # ---- playing -----------------------------------------------------------------------------------------------------

    def step(self, packed: Packed, progress: float) -> dict[str, Tensor]:
        """Play one batch of clean graphs: every graph is judged as it is and with one bug.

        ``progress`` in [0, 1) is the part of the run that is done; the learning rates follow it.  Returns scalar metrics, which
        nothing here waits for: this process's parts of them.
        """
        config, mean_over, total = self.config, self.replicas.mean_over, self.replicas.total
        batch = Batch.of(packed, self.device)
        self._schedule(progress)
        self.detector.train()
        with self.autocast():
            judged = self.detector(batch)
        on_clean = focused(detector_loss(batch, judged, None), judged.gate, config.focal)
        clean_loss = mean_over(on_clean, batch.is_real)
        (config.clean_weight * clean_loss).backward()

        prior = log_p = self.prior(batch)
        earnings = torch.zeros_like(prior)
        if self.selector is not None:
            earnings = self.selector(batch, prior, judged)
            log_p = learned_log_p(batch, prior, earnings, config.leash)
        crowded = config.crowd > 0 and progress < config.decay_from
        rounds = [self._round(batch, prior, log_p, earnings.detach(), crowded) for _ in range(config.mutants)]
        self.replicas.add_gradients(self.detector)
        norm = torch.nn.utils.clip_grad_norm_(self.detector.parameters(), config.clip)
        self.detector_optimiser.step()
        self.detector_optimiser.zero_grad(set_to_none=True)
        self._average()

        planted = torch.cat([r.planted for r in rounds])
        mutant_loss = torch.stack([r.loss for r in rounds]).mean()
        metrics = {
            "detector/loss": mutant_loss + clean_loss.detach(),
            "detector/mutant_loss": mutant_loss,
            "detector/clean_loss": clean_loss.detach(),
            "detector/gradient_norm": norm.detach() / self.replicas.world,
            "detector/alarm_on_mutant": mean_over(
                torch.cat([r.alarm for r in rounds]).float(), torch.cat([r.planted[: len(r.alarm)] for r in rounds])
            ),
            "detector/alarm_on_clean": mean_over((judged.gate.detach() > 0).float(), batch.is_real),
            "game/graphs": batch.graphs[0],
        }
        if self.selector is not None and self.selector_optimiser is not None:
            by_selector = torch.cat([r.by_selector for r in rounds])
            earned = reward(torch.cat([r.trouble for r in rounds]), config.reward)
            option = torch.cat([r.option for r in rounds])
            loss = mean_over(selector_loss(earnings.index_select(0, option), earned), planted)
            loss.backward()
            self.replicas.add_gradients(self.selector)
            torch.nn.utils.clip_grad_norm_(self.selector.parameters(), config.clip)
            self.selector_optimiser.step()
            self.selector_optimiser.zero_grad(set_to_none=True)
            live = torch.where(log_p > LOW / 2, log_p.exp() * log_p, 0.0)
            entropy = -live.sum() / total(batch.graphs[0]).clamp_min(1)
            metrics |= {
                "selector/loss": loss.detach(),
                "selector/reward": mean_over(earned, planted & by_selector),
                "selector/reward_of_uniform": mean_over(earned, planted & ~by_selector),
                "selector/entropy": entropy,
            }
        self.steps += 1
        return metrics

    def prior(self, batch: Batch) -> Tensor:
        """[options] log-probabilities of the bugs that no player chooses."""
        return prior_log_p(batch, self.config.kinds, self.config.linted)

    def _round(self, batch: Batch, prior: Tensor, log_p: Tensor, earnings: Tensor, crowded: bool = False) -> Round:
        """Hide one bug in each graph, or a crowd, let the detector look for them, and add up its gradient.

        Where a real bug is known, it is hidden again, alone.
        """
        config, mean_over = self.config, self.replicas.mean_over
        none = len(batch.option_site) - 1
        option = draw(batch, prior, self.dice)
        by_selector = torch.zeros_like(option, dtype=torch.bool)
        if self.selector is not None:
            mine = draw(batch, log_p, self.dice)
            by_selector = torch.rand(option.shape, generator=self.dice).to(self.device) < config.selector_share
            option = torch.where(by_selector, mine, option)
        real = injectable(batch).index_select(0, batch.bug)
        option, by_selector = torch.where(real, batch.bug, option), by_selector & ~real
        if crowded:
            of_option = batch.site_graph.index_select(0, batch.option_site)
            more = draw_more(
                batch, torch.where(by_selector.index_select(0, of_option), log_p, prior), option, config.crowd, self.dice
            )
            more = torch.where(real.index_select(0, of_option.index_select(0, more)), none, more)
            option = torch.cat([option, more])
            by_selector = torch.cat([by_selector, by_selector.index_select(0, of_option.index_select(0, more))])
        site = batch.option_site.index_select(0, option)
        graph = batch.site_graph.index_select(0, site)
        planted, repair = option != none, batch.chosen.index_select(0, site)

        mutant = mutate(batch, option)
        with self.autocast():
            found = self.detector(mutant)
        alarm, sought = F.softplus(-found.gate), search_loss(mutant, found, repair)
        trouble = sought.detach() + alarm.detach().index_select(0, graph)
        weight = torch.ones_like(trouble)
        if config.weighted:
            surprise = reward(trouble, config.reward) - by_selector * earnings.index_select(0, option).clamp(0, HOPELESS)
            weight = self._shares((surprise / config.leash).exp(), planted)
        first = slice(len(alarm))
        loss = mean_over(focused(alarm, -found.gate, config.focal) * weight[first], planted[first])
        loss = loss + mean_over(sought * weight, planted)
        (loss / config.mutants).backward()
        return Round(option, planted, by_selector, trouble, found.gate.detach() > 0, loss.detach())

    def _shares(self, weight: Tensor, chosen: Tensor) -> Tensor:
        """``weight`` [n] as multiples of its mean over ``chosen`` [n]."""
        total = self.replicas.total
        mean = total(torch.where(chosen, weight, 0.0).sum()) / total(chosen.sum()).clamp_min(1)
        return weight / mean.clamp_min(1e-9)

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)

    def _schedule(self, progress: float) -> None:
        """Linear warm-up, constant, then linearly to zero (Hu et al. 2024: warm-up, stable, decay)."""
        config = self.config
        warm = min(1.0, (self.steps + 1) / max(config.warmup, 1))
        factor = warm * max(0.0, min(1.0, (1 - progress) / max(1 - config.decay_from, 1e-9)))
        for optimiser, rate in ((self.detector_optimiser, config.rate), (self.selector_optimiser, config.selector_rate)):
            if optimiser is not None:
                for group in optimiser.param_groups:
                    group["lr"] = rate * factor

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.config.average, 1 - 1 / (self.steps + 2))
        current = self.detector.state_dict()
        floats = [name for name, value in self.average.items() if value.is_floating_point()]
        torch._foreach_lerp_([self.average[n] for n in floats], [current[n] for n in floats], 1 - decay)

    # ---- saving ------------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Tensor]:
        """Everything that changes, flat: weights, their average, optimiser moments, everybody's dice, steps."""
        state: dict[str, Tensor] = {}
        for prefix, network, optimiser in self._players():
            state |= {f"{prefix}/{name}": value for name, value in network.state_dict().items()}
            for index, moments in optimiser.state_dict()["state"].items():
                state |= {f"{prefix}.optimiser/{index}/{name}": torch.as_tensor(value) for name, value in moments.items()}
        state |= {f"average/{name}": value for name, value in self.average.items()}
        for rank, (dice, torch_dice) in enumerate(self.replicas.gather((self.dice.get_state(), torch.get_rng_state()))):
            state |= {_of("dice", rank): dice, _of("torch_dice", rank): torch_dice}
        state["steps"] = torch.tensor(self.steps)
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restore what ``state_dict`` returned; raises KeyError or RuntimeError where it is of another game.

        A selector joins a game that was played without one as it is.
        """
        for prefix, network, optimiser in self._players():
            weights = _below(state, f"{prefix}/")
            if network is self.selector and not weights:
                continue
            network.load_state_dict(weights)
            moments: dict[int, dict[str, Tensor]] = {}
            for name, value in _below(state, f"{prefix}.optimiser/").items():
                index, _, moment = name.partition("/")
                moments.setdefault(int(index), {})[moment] = value.clone()
            optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
        self.average = {name: value.to(self.device).clone() for name, value in _below(state, "average/").items()}
        self.dice.set_state(state[_of("dice", self.replicas.rank)].cpu())
        torch.set_rng_state(state[_of("torch_dice", self.replicas.rank)].cpu())
        self.steps = int(state["steps"])

    def _players(self) -> list[tuple[str, nn.Module, torch.optim.AdamW]]:
        players: list[tuple[str, nn.Module, torch.optim.AdamW]] = [("detector", self.detector, self.detector_optimiser)]
        if self.selector is not None and self.selector_optimiser is not None:
            players.append(("selector", self.selector, self.selector_optimiser))
        return players


def _of(name: str, rank: int) -> str:
    return f"{name}/{rank}" if rank else name


def _adam(network: nn.Module, rate: float, decay: float) -> torch.optim.AdamW:
    parameters = [p for p in network.parameters() if p.requires_grad]
    fused = parameters[0].device.type in ("cpu", "cuda")  # a Gaudi has no such kernel
    return torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=decay, fused=fused)


def _below(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
