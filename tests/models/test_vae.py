"""The variational autoencoder's bound, part by part, beside torch.distributions."""

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from deepglass.models import vae
from deepglass.models.vae import VAE, Config


def test_the_kl_divergence_is_that_of_torch_distributions():
    mean, log_variance = torch.randn(50, 7), torch.randn(50, 7)
    judge = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(vae.kl_divergence(mean, log_variance), judge)
    assert vae.kl_divergence(torch.zeros(1, 3), torch.zeros(1, 3)).item() == 0


@pytest.mark.parametrize("is_binary", [True, False])
def test_what_is_left_to_say_is_the_likelihood_of_torch_distributions(is_binary):
    torch.manual_seed(0)
    model = VAE(6, 2, is_binary, Config(num_layers=1, hidden_dim=8, beta=3.0))
    rows, noise = torch.randn(9, 6), torch.randn(9, 2)
    if is_binary:
        rows = (rows > 0).float()
    else:
        torch.nn.init.normal_(model.log_deviation)
    loss, reconstruction, kl = model(noise, rows).T
    mean, log_variance = model.encode(rows)
    decoded = model.decoder(mean + (log_variance / 2).exp() * noise)
    p = Bernoulli(logits=decoded) if is_binary else Normal(decoded, model.deviation())
    torch.testing.assert_close(reconstruction, -p.log_prob(rows).sum(dim=1))
    torch.testing.assert_close(kl, vae.kl_divergence(mean, log_variance))
    torch.testing.assert_close(loss, reconstruction + 3 * kl)


def test_gradients_reach_encoder_and_decoder_through_the_drawn_code():
    model = VAE(4, 2, True, Config(num_layers=1, hidden_dim=8))
    reconstruction = model(torch.randn(5, 2), torch.ones(5, 4))[:, 1].sum()
    reconstruction.backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_rows_vary_around_their_mean_only_where_they_get_noise_of_their_own():
    model = VAE(3, 2, False, Config(num_layers=1, hidden_dim=8))
    code = torch.randn(1, 2).expand(2000, 2)
    means, rows = model(code), model(torch.cat([code, torch.randn(2000, 3)], dim=1))
    assert means.std(dim=0).max() < 1e-6
    torch.testing.assert_close(rows.std(dim=0), model.deviation(), rtol=0.1, atol=0)


def test_a_column_of_few_values_cannot_drive_the_deviation_to_nothing():
    model = VAE(3, 2, False, Config(num_layers=0))
    torch.nn.init.constant_(model.log_deviation, -100.0)
    assert model.deviation().min() > 0
    assert model(torch.randn(2, 2), torch.zeros(2, 3)).isfinite().all()
