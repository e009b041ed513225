"""The package as somebody uses it who has installed the wheel."""

import subprocess
import sysconfig
import urllib.request

import pytest

import imagebuilder_emulator

BASE = "ami-08bd941ae380bd3cd"


def build(emulator):
    """Starts a build of a recipe; its ARN."""
    client = emulator.client("imagebuilder")
    recipe = client.create_image_recipe(name="web", semanticVersion="1.0.0", parentImage=BASE)
    infrastructure = client.create_infrastructure_configuration(name="web", instanceProfileName="builder")
    image = client.create_image(
        imageRecipeArn=recipe["imageRecipeArn"],
        infrastructureConfigurationArn=infrastructure["infrastructureConfigurationArn"],
    )
    return image["imageBuildVersionArn"]


def status(emulator, arn):
    image = emulator.client("imagebuilder").get_image(imageBuildVersionArn=arn)["image"]
    return image["state"]["status"]


def test_the_command_is_the_wheels():
    scripts = sysconfig.get_path("scripts")
    assert imagebuilder_emulator.command() == f"{scripts}/imagebuilder-emulator"
    shown = subprocess.run([imagebuilder_emulator.command(), "--version"], check=True, capture_output=True, text=True)
    assert shown.stdout.startswith("imagebuilder-emulator ")


def test_a_build_takes_as_long_as_the_test_says(image_builder):
    arn = build(image_builder)
    assert status(image_builder, arn) == "PENDING"
    image_builder.advance(1200)
    assert status(image_builder, arn) == "AVAILABLE"
    owned = image_builder.client("ec2").describe_images(Owners=["self"])["Images"]
    assert [image["State"] for image in owned] == ["available"]


def test_each_test_has_an_emulator_of_its_own(image_builder):
    assert image_builder.client("ec2").describe_images(Owners=["self"])["Images"] == []
    with imagebuilder_emulator.running() as other:
        assert other.url != image_builder.url
        build(other)
    assert image_builder.client().list_images()["imageVersionList"] == []


def test_health_and_the_plain_page(image_builder):
    health = image_builder.health()
    assert (health["status"], set(health)) == ("ok", {"status", "version", "time"})
    with urllib.request.urlopen(image_builder.url) as page:
        text = page.read().decode()
        assert page.headers["content-type"] == "text/plain; charset=utf-8"
    assert "EC2 Image Builder" in text and image_builder.url in text


class TestFlags:
    """Flags of one's own."""

    @pytest.fixture
    def image_builder_flags(self):
        return ["--clock", "manual", "--max-pipelines", "0"]

    def test_they_are_taken(self, image_builder):
        client = image_builder.client()
        arn = build(image_builder)
        image = client.get_image(imageBuildVersionArn=arn)["image"]
        with pytest.raises(client.exceptions.ServiceQuotaExceededException):
            client.create_image_pipeline(
                name="web",
                imageRecipeArn=image["imageRecipe"]["arn"],
                infrastructureConfigurationArn=image["infrastructureConfiguration"]["arn"],
            )
