/** Contracts whose transactions have everything that a trace can: creations, transfers, refusals, deep calls. */
export const WORLD_SOURCE = `
contract Child {
  uint256 public seed;
  constructor(uint256 seed_) payable { seed = seed_; }
  receive() external payable {}
}
contract Stillborn {
  error NotBorn();
  constructor() { revert NotBorn(); }
}
contract World {
  error Refused(uint256 code, address who);
  event Made(address indexed child);
  event Reached(uint256 depth);

  function make(bytes32 salt) external payable {
    emit Made(address(new Child{value: msg.value}(1)));
    emit Made(address(new Child{salt: salt}(2)));
  }
  function pay(address payable to) external payable {
    (bool sent,) = to.call{value: msg.value}("");
    require(sent);
  }
  function nest(uint256 depth) external {
    if (depth == 0) emit Reached(depth);
    else this.nest(depth - 1);
  }
  function look() external view returns (uint256) { return this.seven() + 1; }
  function seven() external pure returns (uint256) { return 7; }
  function lookAndTouch() external { emit Reached(this.look()); }
  function refuse(uint256 code) external { revert Refused(code, msg.sender); }
  function refuseInWords() external pure { revert("not today"); }
  function payAndRefuse(address payable to) external payable {
    this.pay{value: msg.value}(to);
    revert Refused(1, to);
  }
  function attempt(address payable to) external payable {
    try this.payAndRefuse{value: msg.value}(to) {} catch {}
    try new Stillborn() {} catch {}
  }
}`;
