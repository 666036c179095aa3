// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ISteps} from "../interfaces/ISteps.sol";
import {Relay} from "./support/Relay.sol";
import {Bomber, Burner, LoudRefuser, Parrot, Refuser, SlowWallet, Wallet} from "./support/Signers.sol";

/// @dev Which signatures count: of accounts, and of contracts by ERC-1271.
contract SignaturesTest is Relay {
    /// @dev The order of secp256k1.
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes4 private constant MAGIC = 0x1626ba7e;

    function testTheDomainIsTheProxysOnThisChain() public view {
        (bytes1 fields, string memory name, string memory version, uint256 chain, address verifier,,) =
            ledger.eip712Domain();
        equal(uint8(fields), 0x0F, "name, version, chain, contract");
        equal(keccak256(bytes(name)), keccak256("OptiTrace"), "name");
        equal(keccak256(bytes(version)), keccak256("1"), "version");
        equal(chain, block.chainid, "chain");
        equal(verifier, address(ledger), "contract");
    }

    /// @dev The two hashes were computed with eth-account 0.14 from the published types. What these tests sign is thus
    /// what other programs sign.
    function testTheHashesAreThoseOfAnotherImplementation() public pure {
        bytes32 prefix = bytes32(uint256(0x0A11CE01) << 224);
        ISteps.SignedList memory list;
        list.party = OPTICIAN;
        list.deadline = 1_800_000_100;
        list.steps = new ISteps.Step[](2);
        list.steps[0].head = head(6, 0, 1_800_000_000, bytes16(prefix) | 0x00000000000102030405060708090a0b, 0);
        list.steps[0].words = new bytes32[](1);
        list.steps[0].words[0] = bytes32(uint256(0x11) * (type(uint256).max / 0xFF));
        uint72 detail = (2 << 64) | (3 << 32) | (1 << 24);
        list.steps[1].head = head(8, 1, 1_800_000_001, bytes16(prefix) | 0x000000000c0d0e0f1011121314151617, detail);
        list.steps[1].words = new bytes32[](2);
        list.steps[1].words[0] = bytes32(uint256(0x22) * (type(uint256).max / 0xFF));
        list.steps[1].words[1] = bytes32(uint256(0x33) * (type(uint256).max / 0xFF));
        equal(hashOf(list), 0x62548924c4bda5eba3e647e92f1dd021b9c4dafb8704372c9da63f82e6548068, "struct hash");
        equal(
            typedDigest(list, 31337, address(0xAA)),
            0x2e768633f5e7c7eeb760f791b56456e4f114e74d6f67e09ee22f0830077ff5ab,
            "typed digest"
        );
    }

    function testAGoodSignatureOfAnAccountCounts() public {
        equal(uint8(relay(_list())[0]), 0, "recorded");
    }

    function testASignatureForAnotherChainDoesNotCount() public {
        ISteps.SignedList memory list = _list();
        list.signature = signedBy(keyOf(OPTICIAN), typedDigest(list, block.chainid + 1, address(ledger)));
        ignore(list, ISteps.Outcome.BadSignature);
    }

    function testASignatureDoesNotFollowTheContractToAnotherChain() public {
        ISteps.SignedList memory list = _list();
        vm.chainId(block.chainid + 1);
        ignore(list, ISteps.Outcome.BadSignature);
        sign(list, keyOf(OPTICIAN));
        equal(uint8(relay(list)[0]), 0, "recorded when signed for it");
    }

    function testASignatureForAnotherContractDoesNotCount() public {
        ISteps.SignedList memory list = _list();
        list.signature = signedBy(keyOf(OPTICIAN), typedDigest(list, block.chainid, address(registry)));
        ignore(list, ISteps.Outcome.BadSignature);
    }

    function testASignatureUnderAnotherNameOrVersionDoesNotCount() public {
        ISteps.SignedList memory list = _list();
        bytes32[2] memory names = [keccak256("OptiTrace"), keccak256("Optitrace")];
        for (uint256 i = 0; i < 2; i++) {
            bytes32 domain = keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    names[i],
                    keccak256(bytes(i == 0 ? "2" : "1")),
                    block.chainid,
                    address(ledger)
                )
            );
            list.signature = signedBy(keyOf(OPTICIAN), keccak256(abi.encodePacked(hex"1901", domain, hashOf(list))));
            ignore(list, ISteps.Outcome.BadSignature);
        }
    }

    function testASignatureByAnotherAccountDoesNotCount() public {
        ISteps.SignedList memory list = _list();
        sign(list, keyOf(OTHER_OPTICIAN));
        ignore(list, ISteps.Outcome.BadSignature);
    }

    function testTheOtherFormOfASignatureDoesNotCount() public {
        ISteps.SignedList memory list = _list();
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(keyOf(OPTICIAN), typedDigest(list, block.chainid, address(ledger)));
        list.signature = abi.encodePacked(r, ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27));
        ignore(list, ISteps.Outcome.BadSignature);
    }

    function testASignatureOfTheWrongLengthDoesNotCount() public {
        ISteps.SignedList memory list = _list();
        list.signature = "";
        ignore(list, ISteps.Outcome.BadSignature);
        sign(list, keyOf(OPTICIAN));
        list.signature = abi.encodePacked(list.signature, uint8(0));
        ignore(list, ISteps.Outcome.BadSignature);
    }

    function testTheSignatureBindsEveryFieldButTheWitness() public {
        bytes32 hash = hashOf(_list());
        for (uint256 what = 0; what < 5; what++) {
            ISteps.SignedList memory list = _list();
            if (what == 0) list.deadline -= 1;
            if (what == 1) list.steps[0].head ^= bytes32(uint256(1) << 200);
            if (what == 2) list.steps[0].words[4] ^= bytes32(uint256(1));
            if (what == 3) list.steps[0].words = new bytes32[](6);
            if (what == 4) list.steps = new ISteps.Step[](2);
            check(hashOf(list) != hash, "another hash");
            ignore(list, ISteps.Outcome.BadSignature);
        }
        ISteps.SignedList memory padded = _list();
        padded.steps[0].witness = new bytes32[](3);
        equal(uint8(relay(padded)[0]), 0, "recorded whatever the witness of a quote");
    }

    // ----------------------------------------------------------------------------------------- ERC-1271

    function testAContractThatAcceptsTheSignatureSigns() public {
        address wallet = address(new Wallet(vm.addr(42)));
        registry.addKey(OPTICIAN, wallet, 0);
        ISteps.SignedList memory list = _list();
        list.signer = wallet;
        sign(list, 43);
        ignore(list, ISteps.Outcome.BadSignature);
        sign(list, 42);
        equal(uint8(relay(list)[0]), 0, "recorded");
    }

    function testAContractThatIsNotAKeyIsNotAsked() public {
        ISteps.SignedList memory list = _list();
        list.signer = address(new Parrot(abi.encode(MAGIC)));
        ignore(list, ISteps.Outcome.KeyNotGood);
    }

    function testAContractThatAnswersAnythingElseDoesNotSign() public {
        _expectSigner(address(new Parrot(abi.encode(MAGIC))), true);
        _expectSigner(address(new Parrot(abi.encodePacked(MAGIC))), false);
        _expectSigner(address(new Parrot("")), false);
        _expectSigner(address(new Parrot(abi.encode(true))), false);
        _expectSigner(address(new Parrot(abi.encode(uint256(uint32(MAGIC))))), false);
        _expectSigner(address(new Parrot(abi.encodePacked(MAGIC, bytes28(uint224(1))))), false);
    }

    function testAContractThatRevertsDoesNotSign() public {
        _expectSigner(address(new Refuser()), false);
        _expectSigner(address(new LoudRefuser()), false);
    }

    function testAContractThatBurnsItsGasDoesNotSignAndBurnsNoMore() public {
        uint256 burned = _expectSigner(address(new Burner()), false);
        check(burned < 180_000, "at most 100,000 beside the list itself");
    }

    function testAContractThatReturnsAMegabyteDoesNotSign() public {
        uint256 burned = _expectSigner(address(new Bomber(1_000_000)), false);
        check(burned < 180_000, "at most 100,000 beside the list itself");
    }

    function testALongAnswerThatBeginsRightSignsAndIsNotCopied() public {
        _expectSigner(address(new Bomber(32)), true);
        uint256 shortAnswer = _expectSigner(address(new Bomber(32)), true);
        uint256 longAnswer = _expectSigner(address(new Bomber(20_000)), true);
        // 625 words of memory cost the signer 2,640 gas; copying them would cost as much again, and 1,875.
        check(longAnswer < shortAnswer + 4_000, "only the answer itself costs its signer");
    }

    /// @dev The wallet needs most of the limit, so each of these amounts leaves it a little more or less than it needs.
    function testTooLittleGasFailsTheTransactionAndBlamesNoSignature() public {
        address wallet = address(new SlowWallet(vm.addr(42), 85_000));
        registry.addKey(OPTICIAN, wallet, 0);
        ISteps.SignedList[] memory lists = new ISteps.SignedList[](1);
        lists[0] = listOf(OPTICIAN, shipped(LEFT));
        lists[0].signer = wallet;
        sign(lists[0], 42);
        uint256 judged = 0;
        for (uint256 gas = 90_000; gas < 160_000; gas += 100) {
            try ledger.submit{gas: gas}(lists) returns (bytes[] memory outcomes) {
                equal(uint8(outcomes[0][0]), uint8(ISteps.Outcome.NotAllowed), "never a bad signature");
                judged++;
            } catch {}
        }
        check(judged > 0 && judged < 700, "some were enough and some were not");
    }

    /// @dev Make `signer` a key of the optician, let it sign, and compare with what is wanted.
    /// @return gas that the submission took
    function _expectSigner(address signer, bool signs) private returns (uint256 gas) {
        registry.addKey(OPTICIAN, signer, 0);
        ISteps.SignedList[] memory lists = new ISteps.SignedList[](1);
        lists[0] = listOf(OPTICIAN, shipped(LEFT));
        lists[0].signer = signer;
        gas = gasleft();
        uint8 outcome = uint8(ledger.submit(lists)[0][0]);
        gas -= gasleft();
        equal(
            outcome,
            uint8(signs ? ISteps.Outcome.NotAllowed : ISteps.Outcome.BadSignature),
            "judged, or ignored"
        );
    }

    function _list() private view returns (ISteps.SignedList memory) {
        return listOf(OPTICIAN, quoted(LEFT, DOSSIER, GLASSMAKER));
    }
}
